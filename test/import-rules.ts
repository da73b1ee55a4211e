/** The import law of docs/contributing/code-structure.md as data: the rooms of `src/`, their wings, and what each may import. */

export const LIST = 'src/ecosystems/list.ts';

/** What all rooms stand on. */
export const GROUND = ['errors', 'model', 'lib'];
const FEEDS = [...GROUND, 'contract', 'feeds'];

/** room -> rooms that it may import besides itself. */
export const LAW: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  model: ['errors'],
  lib: ['errors'],
  contract: GROUND,
  feeds: [...GROUND, 'contract'],
  formats: FEEDS,
  ecosystem: [...FEEDS, 'formats', 'ecosystems'],
  // what all families share, such as how layers add up
  ecosystems: [...GROUND, 'contract', 'formats'],
  // the list, and the file that puts it in order
  list: ['contract', 'ecosystem'],
  enrichers: [...FEEDS, 'formats'],
  sbom: [...GROUND, 'contract', 'formats'],
  vex: ['errors', 'model', 'formats'],
  signing: ['errors', 'model'],
  image: [...GROUND, 'contract', 'formats', 'signing'],
  artifact: [...GROUND, 'signing', 'image'],
  db: GROUND,
  http: GROUND,
  transports: GROUND,
  config: [...GROUND, 'transports'],
  // the engines by interface only
  introspection: [...GROUND, 'http', 'db', 'transports', 'indexer', 'matcher', 'notifier'],
  remote: [...GROUND, 'matcher', 'notifier', 'harbor'],
  // the matcher by interface only: it may be in another process
  harbor: [...GROUND, 'contract', 'sbom', 'http', 'image', 'indexer', 'matcher'],
  indexer: [...GROUND, 'contract', 'formats', 'ecosystems', 'list', 'image', 'db', 'http'],
  notifier: [...GROUND, 'db', 'http', 'transports', 'indexer', 'matcher'],
  matcher: [
    ...[...FEEDS, 'formats', 'ecosystems', 'enrichers', 'sbom', 'vex'],
    ...['image', 'signing', 'artifact', 'db', 'http'],
  ],
};

/** Rooms with wings, from below: a wing may import itself and those before it; `.` are the files of the room itself. */
export const WINGS: Readonly<Record<string, readonly string[]>> = {
  'src/formats': [
    '.',
    'versions',
    'json',
    'xml',
    'locks',
    'pear',
    'sqlite',
    'archives',
    'programs',
    'os',
    'purl',
    'clair',
    'osv',
    'nvd',
    'oval',
    'sbom',
  ],
  'src/ecosystems/rpm': ['scopes', 'databases', 'feeds', '.'],
  'src/ecosystems/redhat': ['mapping', 'scopes', 'containers', 'repositories', 'vex', 'rpms', '.'],
  'src/image': ['tar', 'target', 'registry', 'attached', 'engine', 'layer', '.'],
  'src/matcher': [
    'store',
    'importing',
    'updating',
    'offline',
    'published',
    'shown',
    'matching',
    'history',
    'findings',
    'report',
    '.',
    'console',
    'routes',
  ],
  'src/cli': [
    'terminal',
    'flags',
    'outcome',
    'policy',
    'formats',
    'foreign',
    'database',
    'scan',
    'mcp',
    'remote',
    'admin',
    '.',
  ],
};

/** Tests and what only tests use. */
export function isTest(path: string): boolean {
  return /\.(test|fixture)\.ts$/.test(path);
}

/** The room of the law that the file at `path` is in; undefined: everything is allowed there. */
export function roomOf(path: string): string | undefined {
  const [, first = '', ...rest] = path.split('/');
  if (first === 'errors.ts') return 'errors';
  if (path === LIST || path === 'src/ecosystems/index.ts') return 'list';
  if (first === 'ecosystems') return rest.length === 1 ? 'ecosystems' : 'ecosystem';
  return first in LAW ? first : undefined;
}

/** The subdirectory of `room` that the file at `path` is in; `.`: none. */
export function wingOf(room: string, path: string): string {
  const [wing = '', ...rest] = path.slice(room.length + 1).split('/');
  return rest.length === 0 ? '.' : wing;
}
