/** The report of one image: what to upgrade, what was found, and what was not checked. */
import { useEffect } from 'preact/hooks';
import type { ConsoleImageDetail } from '../../src/model/api/console/types.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, number, shortDigest } from '../lib/words.ts';
import { Card, Empty, Facts, Notice } from '../parts/blocks.tsx';
import { Icon } from '../parts/icon.tsx';
import { nameOf, refName, shortName } from '../parts/image-name.tsx';
import { When } from '../parts/marks.tsx';
import { CopyDigest, CopyLink, ExportMenu, Page, Shown } from '../parts/page.tsx';
import { allOf } from '../parts/severity.tsx';
import { Upgrades, upgradesTitle } from '../parts/upgrades.tsx';
import { CoverageCard } from './coverage.tsx';
import { ImageFindings } from './image-findings.tsx';

const EXPORTS = [
  ['CSV', 'csv', 'csv'],
  ['JSON', 'json', 'json'],
  ['SARIF', 'sarif', 'sarif'],
  ['CycloneDX', 'cyclonedx', 'cdx.json'],
  ['SPDX', 'spdx', 'spdx.json'],
  ['OpenVEX', 'openvex', 'openvex.json'],
  ['JUnit', 'junit', 'xml'],
  ['GitLab', 'gitlab', 'gitlab.json'],
  ['Markdown', 'markdown', 'md'],
  ['HTML', 'html', 'html'],
] as const;

export function ImageView({ digest }: { digest: string }) {
  const nav = useNav();
  const loaded = useLoad<ConsoleImageDetail>(`images/${encodeURIComponent(digest)}`, digest);
  const image = loaded.data;
  const isMoving =
    image !== undefined && (image.state !== 'IndexFinished' || image.coverage.state === 'pending');
  useEffect(() => {
    if (!isMoving) return;
    const timer = setTimeout(loaded.reload, 5000);
    return () => clearTimeout(timer);
  }, [isMoving, image]);
  return (
    <Page
      title={image === undefined ? shortDigest(digest) : nameOf(image)}
      crumb={[['Images', nav.href(['images'])]]}
      facts={image !== undefined && <HeadFacts of={image} />}
      acts={<Acts digest={digest} {...(image && { image })} />}
    >
      <Shown of={loaded} missing={<NotIndexed digest={digest} />}>
        {(of) => <Report of={of} />}
      </Shown>
    </Page>
  );
}

function HeadFacts({ of }: { of: ConsoleImageDetail }) {
  const nav = useNav();
  const { distribution, packages, layers, indexed, labels, digest, names } = of;
  return (
    <div class="facts">
      {distribution !== null && <span>{distribution}</span>}
      <span>
        <b>{number(packages)}</b> {packages === 1 ? 'package' : 'packages'} in <b>{number(layers)}</b>{' '}
        {layers === 1 ? 'layer' : 'layers'}
      </span>
      <span>
        indexed <When at={indexed} />
      </span>
      {Object.entries(labels).map(([key, value]) => (
        <a key={key} href={nav.href(['images'], { label: `${key}:${value}` })}>
          {key}: {value}
        </a>
      ))}
      {names.length > 1 && (
        <span title={names.map(({ name, tag }) => `${name}:${tag}`).join('\n')}>
          +{counted(names.length - 1, 'name')}
        </span>
      )}
      <CopyDigest of={digest} />
    </div>
  );
}

function Acts({ digest, image }: { digest: string; image?: ConsoleImageDetail }) {
  const nav = useNav();
  const canDecide = useRole('triage');
  const previous = image?.previous?.digest ?? digest;
  // Of an image that is not indexed there is no report.
  const isRead = image?.state === 'IndexFinished';
  const base = image === undefined ? shortDigest(digest) : nameOf(image).replace(/[^\w.-]+/g, '-');
  return (
    <>
      {isRead && (
        <a class="button" href={nav.href(['compare', `${previous}...${digest}`])}>
          <Icon name="swap" />
          Compare
        </a>
      )}
      <CopyLink />
      {isRead && (
        <ExportMenu
          of={EXPORTS.map(([title, format, ending]) => ({
            title,
            path: `images/${encodeURIComponent(digest)}/export?format=${format}`,
            file: `${base}.${ending}`,
          }))}
        />
      )}
      {canDecide && isRead && (
        <a class="button main" href={nav.with({ decide: ' ', in: digest })} data-key="t">
          <Icon name="flag" />
          Decide
        </a>
      )}
    </>
  );
}

function NotIndexed({ digest }: { digest: string }) {
  return (
    <section class="card">
      <Empty icon="box" title="This image is not indexed">
        <p>Clair has no index report for this digest. Submit the image:</p>
        <code>
          clairctl report --host {location.origin} REGISTRY/REPOSITORY@{shortDigest(digest)}…
        </code>
      </Empty>
    </section>
  );
}

function Report({ of }: { of: ConsoleImageDetail }) {
  const { state, error, coverage, digest, counts, decided } = of;
  const isEmpty = allOf(counts) + decided.accepted + decided.not_affected === 0;
  if (state === 'IndexError')
    return (
      <Notice kind="failed">
        <b>This image could not be indexed.</b> {error ?? 'No reason was recorded.'} Correct the cause, then
        submit it again.
      </Notice>
    );
  if (state !== 'IndexFinished' || coverage.state === 'pending')
    return (
      <section class="card">
        <Empty
          icon="again"
          title={
            state === 'IndexFinished' ? 'The report is being made' : `The image is being indexed: ${state}`
          }
        >
          <p>This page loads it as soon as it exists.</p>
        </Empty>
      </section>
    );
  return (
    <>
      <Unchecked of={of} />
      <div class="grid">
        {isEmpty ? <NoFindings of={of} /> : <UpgradeCard of={of} />}
        <OriginCard of={of} />
      </div>
      <div class="stack">
        {!isEmpty && <ImageFindings of={of} />}
        <LayersCard of={of} />
        <CoverageCard digest={digest} />
      </div>
    </>
  );
}

/** Before any number: what the numbers do not speak of. */
function Unchecked({ of: { coverage, digest } }: { of: ConsoleImageDetail }) {
  const nav = useNav();
  if (coverage.state === 'complete') return null;
  const missing = coverage.packages - coverage.checked;
  return (
    <Notice kind={coverage.state === 'unchecked' ? 'failed' : 'warn'}>
      <b>
        {coverage.state === 'unchecked'
          ? 'This image was not checked.'
          : missing > 0
            ? `${number(missing)} of ${counted(coverage.packages, 'package')} ${missing === 1 ? 'was' : 'were'} not checked.`
            : 'Parts of this image were not checked.'}
      </b>{' '}
      {coverage.state === 'unchecked'
        ? 'No vulnerabilities are shown, and that does not mean there are none. '
        : 'No vulnerabilities are shown for them, and that does not mean there are none. '}
      <a href={nav.href(['images', digest, 'coverage'])}>What was not checked</a>
    </Notice>
  );
}

function NoFindings({ of: { coverage } }: { of: ConsoleImageDetail }) {
  const isComplete = coverage.state === 'complete';
  return (
    <section class="card w8 wide">
      {isComplete ? (
        <Empty icon="good" title="No known vulnerability">
          <p>
            All {counted(coverage.packages, 'package')} were checked. The ledger below names the feeds and
            their age.
          </p>
        </Empty>
      ) : (
        <Empty
          icon="warn"
          title={
            coverage.checked === 0
              ? 'Nothing was found, and nothing was checked'
              : 'Nothing was found in what was checked'
          }
        >
          <p>This is not a clean result. The ledger below says what was not checked.</p>
        </Empty>
      )}
    </section>
  );
}

function UpgradeCard({ of: { upgrades, digest } }: { of: ConsoleImageDetail }) {
  const nav = useNav();
  const share = upgrades.reduce((sum, each) => sum + each.share, 0);
  return (
    <Card
      class="w8 wide"
      title={
        upgrades.length === 0 ? 'No upgrade resolves an open finding' : upgradesTitle(upgrades.length, share)
      }
      {...(upgrades.length > 0 && {
        more: <a href={nav.href(['images', digest], { fix: 'yes' })}>All upgrades</a>,
      })}
    >
      {upgrades.length === 0 && (
        <p class="pad">
          No feed names a version that fixes an open finding. Remove the package, or record a decision.
        </p>
      )}
      <Upgrades
        of={upgrades.map(({ type, source, from, version, fixes, risk, origin }) => ({
          key: `${type} ${source} ${from}`,
          name: source,
          from,
          to: version,
          about: `fixes ${counted(fixes, 'finding')} · ${origin === 'base' ? 'base image' : 'own layer'} · ${type}`,
          risk,
        }))}
      />
    </Card>
  );
}

function OriginCard({ of }: { of: ConsoleImageDetail }) {
  const nav = useNav();
  const { base, origin, previous, digest, change_24h: change, decided } = of;
  const here = (query: Record<string, string>) => nav.href(['images', digest], query);
  return (
    <Card class="w4 wide" title="Where it comes from">
      <Facts>
        <li>
          <span>
            Base image {base === null && <span class="muted">unknown</span>}
            {base !== null && <a href={nav.href(['images', base.digest])}>{refName(base)}</a>}
          </span>
          <a href={here({ origin: 'base' })}>{counted(origin.base, 'finding')}</a>
        </li>
        <li>
          <span>Own layers</span>
          <a href={here({ origin: 'own' })}>{counted(origin.own, 'finding')}</a>
        </li>
        <li>
          <span>Last 24 hours</span>
          <span>
            <span class={change.new > 0 ? 'bad' : 'muted'}>{number(change.new)} new</span>,{' '}
            <span class={change.gone > 0 ? 'good' : 'muted'}>{number(change.gone)} gone</span>
          </span>
        </li>
        {previous !== null && (
          <li>
            <span>Previous image</span>
            <a href={nav.href(['compare', `${previous.digest}...${digest}`])}>{refName(previous)}</a>
          </li>
        )}
        <li>
          <span>Decided</span>
          <a href={here({ decided: 'only' })}>
            {number(decided.accepted)} accepted, {number(decided.not_affected)} not affected
          </a>
        </li>
      </Facts>
    </Card>
  );
}

function LayersCard({ of: { layer_list: layers, digest } }: { of: ConsoleImageDetail }) {
  const nav = useNav();
  if (layers.length === 0) return null;
  return (
    <details class="card">
      <summary class="pad-summary">
        <h2>{counted(layers.length, 'layer')}</h2>
      </summary>
      <Facts>
        {layers.map(({ digest: layer, instruction, base, findings }, index) => (
          <li key={index}>
            <span>
              <code title={layer}>{shortDigest(layer)}</code>{' '}
              <span class="muted">{base ? 'base · ' : ''}</span>
              <code>{instruction ?? 'instruction unknown'}</code>
            </span>
            <a href={nav.href(['images', digest], { layer })}>{counted(findings, 'finding')}</a>
          </li>
        ))}
      </Facts>
    </details>
  );
}

/** `images/by-name/NAME`: leads on to the newest image of that name. */
export function ImageByNameView({ name }: { name: string }) {
  const nav = useNav();
  const loaded = useLoad<ConsoleImageDetail>(`image-by-name?name=${encodeURIComponent(name)}`, name);
  const digest = loaded.data?.digest;
  useEffect(() => {
    if (digest !== undefined) nav.go(nav.href(['images', digest]), { replace: true });
  }, [digest]);
  return (
    <Page title={name} crumb={[['Images', nav.href(['images'])]]}>
      <Shown
        of={loaded}
        missing={
          <section class="card">
            <Empty icon="box" title="No indexed image has this name">
              <a class="button" href={nav.href(['images'])}>
                All images
              </a>
            </Empty>
          </section>
        }
      >
        {() => null}
      </Shown>
    </Page>
  );
}

/** The ledger alone. */
export function CoverageView({ digest }: { digest: string }) {
  const nav = useNav();
  const { data } = useLoad<ConsoleImageDetail>(`images/${encodeURIComponent(digest)}`, digest);
  const name = data === undefined ? shortDigest(digest) : nameOf(data);
  return (
    <Page
      title={`What was checked of ${name}`}
      crumb={[
        ['Images', nav.href(['images'])],
        [shortName(name), nav.href(['images', digest])],
      ]}
      acts={<CopyLink />}
    >
      <CoverageCard digest={digest} missing={<NotIndexed digest={digest} />} />
    </Page>
  );
}
