#!/usr/bin/env python3
"""Compares verdicts of `clairctl scan` with those of an evaluator written from the OSV schema ("Evaluation"), on real advisories.

    python3 scripts/osv-verdicts.py [--verdicts 50000] [--seed 1] DIRECTORY

DIRECTORY has checkouts of the public repositories, each in a directory by OSV's name of its ecosystem:

    PyPI/       github.com/pypa/advisory-database
    Go/         github.com/golang/vulndb (data/osv)
    crates.io/  github.com/rustsec/advisory-db, branch osv
    AlmaLinux/  github.com/AlmaLinux/osv-database

The records become dumps as OSV publishes them, served on a loopback port and loaded by `clairctl db update`. Versions are
taken from the advisories' own bounds and lists, and from beside them; they are scanned as components of an SBOM. A verdict
is one version against one advisory about its package: affected, not affected, or not decided. Exit code 1 if one differs
and is not explained. Needs Python's `packaging` and `yaml`, and Node. No data is kept.
"""
import argparse, collections, functools, http.server, io, json, os, random, re, socketserver, subprocess, sys, tempfile
import threading, urllib.parse, zipfile

import packaging.utils, packaging.version, yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCAN = 5000  # components of one SBOM

# ---------------------------------------------------------------- versions, by the rules of the ecosystems themselves

def pep440(text):
    try: return packaging.version.Version(text)
    except packaging.version.InvalidVersion: return None

SEMVER = re.compile(r'^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$')

def semver(text):
    """semver.org, 11: numbers before words, fewer fields before more, a release after its pre-releases."""
    match = SEMVER.match(text)
    if match is None: return None
    major, minor, patch, pre = match.groups()
    if pre is None: return (int(major), int(minor), int(patch), 1, ())
    fields = pre.split('.')
    if any(f == '' or (f.isdigit() and len(f) > 1 and f[0] == '0') for f in fields): return None
    return (int(major), int(minor), int(patch), 0, tuple((0, int(f), '') if f.isdigit() else (1, 0, f) for f in fields))

def rpm_parts(text):
    """rpm's rpmvercmp, as a key: runs of digits after runs of letters, `~` before the end, `^` after it."""
    key = []
    for token in re.findall(r'[0-9]+|[A-Za-z]+|~|\^', text):
        if token == '~': key.append((-1,))
        elif token == '^': key.append((1,))
        elif token.isdigit(): key.append((3, int(token)))
        else: key.append((2, token))
    return tuple(key) + ((0,),)

def rpm(text):
    epoch, _, rest = text.rpartition(':')
    version, dash, release = rest.rpartition('-')
    if not dash or (epoch and not epoch.isdigit()): return None
    return (int(epoch or 0), rpm_parts(version), rpm_parts(release))

# ---------------------------------------------------------------- the evaluator

AFFECTED, UNKNOWN, UNAFFECTED = 'affected', 'unknown', 'unaffected'

def in_range(events, version, parse, turned=False):
    """OSV schema: events in order of version, else as written; the last one at or before the version says whether it is affected."""
    points = []
    for event in events:
        for kind in ('introduced', 'fixed', 'last_affected', 'limit'):
            if event.get(kind): points.append((kind, event[kind]))
    if not points: return UNKNOWN
    parsed = [(kind, text, None if text == '0' else parse(text)) for kind, text in points if not (kind == 'limit' and text == '*')]
    if version is None or any(value is None and text != '0' for _, text, value in parsed): return UNKNOWN
    limits = [value for kind, _, value in parsed if kind == 'limit']
    if limits and not any(version < value for value in limits): return UNAFFECTED
    if turned: parsed.reverse()
    events = sorted(((text != '0', value, kind) for kind, text, value in parsed if kind != 'limit'), key=functools.cmp_to_key(compare))
    affected = not any(kind == 'introduced' for _, _, kind in events)
    for is_set, value, kind in events:
        reached = not is_set or (value < version if kind == 'last_affected' else value <= version)
        if reached: affected = kind == 'introduced'
    return AFFECTED if affected else UNAFFECTED

def compare(a, b):
    if a[0] != b[0]: return -1 if a[0] < b[0] else 1
    return 0 if not a[0] or a[1] == b[1] else -1 if a[1] < b[1] else 1

def verdict(affected, text, ecosystem, turned=False):
    parse = ecosystem.parse
    version = parse(text)
    verdicts = set()
    for listed in affected.get('versions') or []:
        if listed == text or (version is not None and parse(listed) == version): return AFFECTED
        if version is None: verdicts.add(UNKNOWN)
    lost = False
    for each in affected.get('ranges') or []:
        if each.get('type') == 'GIT': continue
        if each.get('type') not in ecosystem.types or not each.get('events'): lost = True
        else: verdicts.add(in_range(each['events'], version, parse, turned))
    if AFFECTED in verdicts: return AFFECTED
    if UNKNOWN in verdicts or (not verdicts and (lost or not affected.get('versions'))): return UNKNOWN
    return UNAFFECTED

# ---------------------------------------------------------------- ecosystems

class Ecosystem:
    def __init__(self, name, parse, purl, key=lambda name: name, types=('SEMVER', 'ECOSYSTEM'), shown=lambda name: name):
        self.name, self.parse, self.purl, self.key, self.types, self.shown = name, parse, purl, key, types, shown

# go.dev/doc/toolchain#version: what follows `-` names who built it, and a pre-release has no hyphen.
TOOLCHAIN = re.compile(r'\d+\.\d+\.\d+')

def can_ask(ecosystem, package, version):
    if not re.fullmatch(r'[\x21-\x7e]+', version) or ecosystem.parse(version) is None: return False
    return package not in ('stdlib', 'toolchain') or TOOLCHAIN.fullmatch(version) is not None

def quoted(text): return urllib.parse.quote(text, safe='')

def golang(name, version, _):
    path = '/'.join(quoted(part) for part in name.split('/'))
    return f'pkg:golang/{path}@{quoted(version if name in ("stdlib", "toolchain") or version.startswith("v") else "v" + version)}'

def almalinux(name, version, release):
    epoch, _, rest = version.rpartition(':')
    more = f'&epoch={epoch}' if epoch and epoch != '0' else ''
    return f'pkg:rpm/almalinux/{quoted(name)}@{quoted(rest)}?arch=x86_64&distro=almalinux-{release}{more}'

ECOSYSTEMS = {each.name: each for each in (
    Ecosystem('PyPI', pep440, lambda name, version, _: f'pkg:pypi/{quoted(packaging.utils.canonicalize_name(name))}@{quoted(version)}',
              packaging.utils.canonicalize_name, shown=packaging.utils.canonicalize_name),
    Ecosystem('Go', semver, golang, key=str.lower),  # purl's types: a namespace and a name of golang are in lower case
    Ecosystem('crates.io', semver, lambda name, version, _: f'pkg:cargo/{quoted(name)}@{quoted(version)}'),
    Ecosystem('AlmaLinux', rpm, almalinux, types=('ECOSYSTEM',)),
)}

def read_records(folder):
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith('.'))
        for file in sorted(files):
            path = os.path.join(base, file)
            if file.endswith('.json'):
                with open(path, encoding='utf-8') as f: record = json.load(f)
            elif file.endswith('.yaml'):
                with open(path, encoding='utf-8') as f: record = yaml.load(f, yaml.BaseLoader)  # dates stay texts
            else: continue
            if isinstance(record, dict) and 'id' in record and 'affected' in record: yield record

def is_of_security(record):
    """Errata of bug fixes and enhancements are not about vulnerabilities, unless they name a CVE."""
    named = [*(record.get('aliases') or []), *(record.get('related') or []), *(record.get('upstream') or [])]
    return not re.match(r'[A-Z]{2}[BE]A-', record['id']) or any(re.fullmatch(r'CVE-\d{4}-\d{4,}', name) for name in named)

# ---------------------------------------------------------------- what to ask

def beside(text):
    """Versions around one: the next numbers, a pre-release, something after it."""
    yield text
    numbers = list(re.finditer(r'\d+', text))
    for match in numbers[-2:]:
        for step in (-1, 1):
            number = int(match.group()) + step
            if number >= 0 and len(match.group()) < 12: yield text[:match.start()] + str(number) + text[match.end():]
    for tail in ('rc1', '.post1', '.1', '-0', '-rc.1', '~1', '^1'): yield text + tail

def versions_of(entries):
    found = set()
    for _, affected, _ in entries:
        found.update(text for text in affected.get('versions') or [] if isinstance(text, str))
        for each in affected.get('ranges') or []:
            if each.get('type') == 'GIT': continue
            for event in each.get('events') or []:
                for text in event.values():
                    if text not in ('0', '*'): found.update(beside(text))
    return sorted(found) or ['1.0.0']

def collect(folder, total, random_):
    """Dumps by ecosystem, and what to ask of each: (ecosystem, package, release, version) -> expected by id of advisory."""
    dumps, questions = {}, {}
    names = [name for name in ECOSYSTEMS if os.path.isdir(os.path.join(folder, name))]
    for name in names:
        ecosystem, records, packages = ECOSYSTEMS[name], {}, collections.defaultdict(list)
        for record in read_records(os.path.join(folder, name)):
            records[record['id']] = record
        for record in records.values():
            if record.get('withdrawn') or (name == 'AlmaLinux' and not is_of_security(record)): continue
            for affected in record['affected']:
                of, _, release = affected['package']['ecosystem'].partition(':')
                if of == name: packages[(ecosystem.key(affected['package']['name']), release)].append((record['id'], affected, affected['package']['name']))
        dumps[name] = records
        candidates = [(package, release, version) for (package, release), entries in packages.items() for version in versions_of(entries)
                      if can_ask(ecosystem, package, version)]
        random_.shuffle(candidates)
        wanted = count = total // len(names)
        for package, release, version in candidates:
            if count <= 0: break
            expected = collections.defaultdict(lambda: UNAFFECTED)
            for id, affected, _ in packages[(package, release)]:
                each = verdict(affected, version, ecosystem)
                if each == AFFECTED or (each == UNKNOWN and expected[id] == UNAFFECTED): expected[id] = each
                else: expected[id] = expected[id]
            questions[(name, package, release, version)] = (dict(expected), packages[(package, release)])
            count -= len(expected)
        print(f'{name}: {len(records)} records, {len(packages)} packages, {wanted - count} verdicts')
    return dumps, questions

# ---------------------------------------------------------------- what clairctl says

def serve(dumps):
    bodies = {}
    for name, records in dumps.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, 'w', zipfile.ZIP_DEFLATED) as archive:
            for id, record in records.items(): archive.writestr(f'{id}.json', json.dumps(record))
        bodies[f'/{name}/all.zip'] = packed.getvalue()
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_): pass
        def do_GET(self):
            body = bodies.get(urllib.parse.unquote(self.path), b'')
            self.send_response(200 if body else 404)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True
    server = Server(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{server.server_address[1]}/'

def clairctl(work, *args):
    env = {key: value for key, value in os.environ.items() if not key.startswith(('CLAIR_', 'XDG_')) and not key.lower().endswith('_proxy')}
    command = ['node', f'{ROOT}/bin/clairctl.mjs', *args]
    done = subprocess.run(command, cwd=work, env={**env, 'HOME': work, 'NO_COLOR': '1'}, capture_output=True)
    if done.returncode not in (0, 2, 3): sys.exit(f'{" ".join(command)} ended with {done.returncode}: {done.stderr.decode()[-2000:]}')
    return done.stdout

def ask(dumps, questions):
    """(ecosystem, package, release, version) -> verdict by id of advisory, of those that are not `unaffected`."""
    answers = {}
    with tempfile.TemporaryDirectory(prefix='osv-verdicts-') as work:
        with open(f'{work}/clair.yaml', 'w') as f:
            json.dump({'indexer': {'connstring': ''}, 'matcher': {'connstring': ''},
                       'updaters': {'sets': ['osv'], 'config': {'osv': {'url': serve(dumps), 'allowlist': list(dumps)}}}}, f)
        shared = ['--config', f'{work}/clair.yaml', '--data-dir', f'{work}/data']
        clairctl(work, 'db', 'update', *shared)
        asked = sorted(questions)
        for start in range(0, len(asked), SCAN):
            part = asked[start:start + SCAN]
            components = []
            for key in part:
                name, package, release, version = key
                written = questions[key][1][0][2]
                components.append({'type': 'library', 'bom-ref': str(len(components)), 'name': written, 'version': version,
                                   'purl': ECOSYSTEMS[name].purl(written, version, release)})
            with open(f'{work}/sbom.json', 'w') as f:
                json.dump({'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'version': 1, 'components': components}, f)
            out = clairctl(work, 'scan', *shared, '--update', 'never', '--no-ignore-file', '--format', 'clair', f'sbom:{work}/sbom.json')
            read_answers(json.loads(out), part, questions, answers)
            print(f'{min(start + SCAN, len(asked))} of {len(asked)} versions scanned', file=sys.stderr)
    return answers

def read_answers(report, part, questions, answers):
    packages = collections.defaultdict(list)
    for id, package in report['packages'].items():
        packages[(package['name'], package['version'])].append(id)
    def verdicts(id):
        for key, value in (('undecided', UNKNOWN), ('package_vulnerabilities', AFFECTED)):
            for each in (report.get(key) or {}).get(id) or []:
                yield report['vulnerabilities'][each], value
    for key in part:
        name, package, release, version = key
        shown = version if name != 'Go' or package in ('stdlib', 'toolchain') or version.startswith('v') else 'v' + version
        found = answers.setdefault(key, {})
        written = ECOSYSTEMS[name].shown(questions[key][1][0][2])
        ids = packages.get((written, shown)) or packages.get((written, version)) or []
        if not ids: found[''] = f'the report has no package {written} {shown}'
        for id in ids:
            for vulnerability, value in verdicts(id):
                of = vulnerability['distribution']['version_id']
                if not release or of == release: found[vulnerability['name']] = value

# ---------------------------------------------------------------- comparing

def explained(key, id, want, got, entries):
    """Why a difference is none, or None."""
    name, _, _, version = key
    turned = {verdict(affected, version, ECOSYSTEMS[name], turned=True) for of, affected, _ in entries if of == id}
    if got in turned: return 'two events at one version, of which the schema does not say which is first'
    fixes = [event.get('fixed') or '' for of, affected, _ in entries if of == id for each in affected.get('ranges') or [] for event in each['events']]
    modular = re.compile(r'\.module[_+]')
    if name == 'AlmaLinux' and want == AFFECTED and any(modular.search(fix) for fix in fixes):
        # The schema knows no modules. The release of the version says that it is of one, but not of which stream.
        if modular.search(version): return 'stream of the module not told' if got == UNKNOWN else None
        return 'version of no module, fix of one' if got == UNAFFECTED else None
    return None

def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--verdicts', type=int, default=50_000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('folder')
    options = parser.parse_args()
    dumps, questions = collect(options.folder, options.verdicts, random.Random(options.seed))
    if not questions: sys.exit(f'{options.folder} has none of {", ".join(ECOSYSTEMS)}; see --help')
    answers = ask(dumps, questions)
    counts, reasons, wrong = collections.Counter(), collections.Counter(), []
    for key, (expected, entries) in questions.items():
        found = answers.get(key, {})
        for id in {**expected, **found}:
            want, got = expected.get(id, UNAFFECTED), found.get(id, UNAFFECTED)
            counts[want] += 1
            if want == got: continue
            reason = explained(key, id, want, got, entries)
            if reason is None: wrong.append((key, id, want, got))
            else: reasons[reason] += 1
    for key, id, want, got in wrong[:50]: print(f'DIFFERS {" ".join(filter(None, key))} {id}: want {want}, got {got}')
    print(f'{sum(counts.values())} verdicts ({", ".join(f"{counts[each]} {each}" for each in (AFFECTED, UNKNOWN, UNAFFECTED))}), '
          f'{len(wrong)} unexplained' + ''.join(f'; {count} {reason}' for reason, count in reasons.items()))
    return 1 if wrong else 0

if __name__ == '__main__': sys.exit(main())
