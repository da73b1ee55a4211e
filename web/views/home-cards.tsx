/** Cards of the overview. */
import type { ConsoleFeed, Overview } from '../../src/model/api/console/types.ts';
import { scopeOf, useNav } from '../lib/nav.ts';
import { counted, number } from '../lib/words.ts';
import { Card, Empty, Facts } from '../parts/blocks.tsx';
import { CveLink } from '../parts/cve-table.tsx';
import { ImageLink } from '../parts/image-name.tsx';
import { Exploited, Risk, State, When, Why } from '../parts/marks.tsx';
import { SeverityWord } from '../parts/severity.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Upgrades } from '../parts/upgrades.tsx';
import { FEED_WORDS, feedHref, reliance } from './feeds.tsx';

interface CardOf {
  readonly of: Overview;
}

type Top = Overview['act_now']['top'][number];

export function Danger({ of: { act_now: now, feeds } }: CardOf) {
  const nav = useNav();
  const columns: readonly Column<Top>[] = [
    {
      title: 'CVE',
      class: 'whole lead',
      cell: (cve) => (
        <>
          <CveLink id={cve.id} />
          <span class="sub">{cve.title}</span>
        </>
      ),
    },
    { title: 'Severity', cell: ({ severity }) => <SeverityWord of={severity} /> },
    {
      title: 'Why now',
      cell: ({ exploited, epss }) => <Why exploited={exploited} epss={epss?.score ?? null} />,
    },
    {
      title: 'Images',
      isNumber: true,
      label: 'Images',
      cell: ({ id, images }) => (
        <a href={nav.href(['cves', id], scopeOf(nav.query))} class="strong">
          {number(images)}
        </a>
      ),
    },
    {
      title: 'Fix',
      class: 'whole',
      cell: ({ fixed_in: fixed, packages, fixable, findings }) =>
        fixed === null ? (
          <span class="muted">no fix</span>
        ) : (
          <>
            <code>
              {packages[0]} → {fixed}
            </code>
            <span class="sub">
              {fixable === findings
                ? 'a fix for all'
                : `a fix for ${number(fixable)} of ${counted(findings, 'finding')}`}
            </span>
          </>
        ),
    },
  ];
  return (
    <Card
      class="w8 wide"
      title="In danger now"
      more={<a href={nav.href(['cves'], scopeOf(nav.query))}>All CVEs by risk</a>}
    >
      {now.top.length === 0 ? (
        <Nothing title="No CVE fits the rule" feeds={feeds} />
      ) : (
        <Table caption="CVEs that need action now" columns={columns} rows={now.top} rowKey={({ id }) => id} />
      )}
    </Card>
  );
}

/** In place of rows: good news only where something was looked up. */
function Nothing({ title, feeds }: { title: string; feeds: Overview['feeds'] }) {
  return feeds.current === 0 ? (
    <Empty icon="warn" title="Not checked: no current feed is loaded" />
  ) : (
    <Empty icon="good" title={title} />
  );
}

export function Trust({ of: { feeds, images, queue } }: CardOf) {
  const nav = useNav();
  const isCurrent = feeds.current === feeds.wanted && feeds.wanted > 0;
  return (
    <Card class="w4 wide" title="Can you trust this?" more={<a href={nav.href(['feeds'])}>Feeds</a>}>
      <Facts>
        <li>
          <span>Feeds current</span>
          <State kind={isCurrent ? 'good' : 'warn'}>
            {number(feeds.current)} of {number(feeds.wanted)}
          </State>
        </li>
        {(feeds.worst as readonly ConsoleFeed[]).map((feed) => (
          <li key={feed.name}>
            <span>
              <a href={feedHref(nav, feed.name)}>{feed.name}</a>
              <span class="muted"> · {reliance(feed)}</span>
            </span>
            <State kind={FEED_WORDS[feed.state].kind}>{FEED_WORDS[feed.state].word}</State>
          </li>
        ))}
        <li>
          <span>Images checked completely</span>
          <span>
            <b>{number(images.complete)}</b> of {number(images.total)}
          </span>
        </li>
        {images.incomplete > 0 && (
          <li>
            <a href={nav.href(['images'], { ...scopeOf(nav.query), incomplete: '1' })}>Checked in part</a>
            <State kind="warn">{number(images.incomplete)}</State>
          </li>
        )}
        {images.unchecked > 0 && (
          <li>
            <a href={nav.href(['images'], { ...scopeOf(nav.query), incomplete: '1' })}>Not checked at all</a>
            <State kind="bad">{number(images.unchecked)}</State>
          </li>
        )}
        {images.failed > 0 && (
          <li>
            <a href={nav.href(['images'], { ...scopeOf(nav.query), failed: '1' })}>Not readable</a>
            <State kind="bad">{number(images.failed)}</State>
          </li>
        )}
        {images.pending > 0 && (
          <li>
            <span>Report not made yet</span>
            <span>{number(images.pending)}</span>
          </li>
        )}
        <li>
          <span>Oldest data</span>
          <When at={feeds.oldest_success} />
        </li>
        <li>
          <span>Waiting to be indexed</span>
          <span>
            {number(queue.waiting)}
            {queue.oldest !== null && (
              <span class="muted">
                {' '}
                · since <When at={queue.oldest} />
              </span>
            )}
          </span>
        </li>
      </Facts>
    </Card>
  );
}

export function UpgradeThese({ of: { upgrades, feeds } }: CardOf) {
  const nav = useNav();
  return (
    <Card
      class="w5 wide"
      title="Upgrade these to fix most"
      more={<a href={nav.href(['packages'])}>All upgrades</a>}
    >
      {upgrades.length === 0 ? (
        <Nothing title="No upgrade resolves an open finding" feeds={feeds} />
      ) : (
        <Upgrades
          of={upgrades.map(({ type, name, upgrade, images, fixes, fixable_risk: risk }) => ({
            key: `${type} ${name}`,
            name: <a href={nav.href(['packages', type, ...name.split('/')])}>{name}</a>,
            to: upgrade,
            about: `${type} · ${counted(images, 'image')} · fixes ${counted(fixes, 'finding')}`,
            risk,
          }))}
        />
      )}
    </Card>
  );
}

export function Open({ of: { open } }: CardOf) {
  const nav = useNav();
  const columns: readonly Column<Overview['open'][number]>[] = [
    {
      title: 'Severity',
      class: 'whole',
      cell: ({ severity }) => (
        <a href={nav.href(['cves'], { ...scopeOf(nav.query), severity })}>
          <SeverityWord of={severity} />
        </a>
      ),
    },
    { title: 'CVEs', isNumber: true, label: 'CVEs', cell: ({ cves }) => number(cves) },
    { title: 'Findings', isNumber: true, label: 'Findings', cell: ({ findings }) => number(findings) },
    { title: 'Images', isNumber: true, label: 'Images', cell: ({ images }) => number(images) },
    { title: 'With a fix', isNumber: true, label: 'With a fix', cell: ({ fixable }) => number(fixable) },
  ];
  return (
    <Card class="w7 wide" title="Everything that is open" more="without what decisions close">
      <Table
        caption="Open findings by severity"
        columns={columns}
        rows={open}
        rowKey={({ severity }) => severity}
      />
    </Card>
  );
}

export function AtRisk({ of: { riskiest } }: CardOf) {
  const nav = useNav();
  const most = Math.max(0, ...riskiest.map(({ risk }) => risk ?? 0));
  return (
    <Card
      class="w5 wide"
      title="Images at most risk"
      more={<a href={nav.href(['images'], scopeOf(nav.query))}>All images</a>}
    >
      <Facts>
        {riskiest.map(({ image, risk, exploited }) => (
          <li key={image.digest}>
            <span>
              <ImageLink of={image} /> {exploited > 0 && <Exploited count={exploited} />}
            </span>
            <Risk of={risk} most={most} />
          </li>
        ))}
      </Facts>
    </Card>
  );
}

export function Unreadable({ of: { unreadable } }: CardOf) {
  const nav = useNav();
  if (unreadable.length === 0) return null;
  return (
    <Card
      title="Images that could not be read"
      more={<a href={nav.href(['images'], { ...scopeOf(nav.query), failed: '1' })}>All of them</a>}
    >
      <Facts>
        {unreadable.map(({ image, reason, at }) => (
          <li key={image.digest}>
            <span>
              <ImageLink of={image} />
              <span class="sub">{reason}</span>
            </span>
            <When at={at} />
          </li>
        ))}
      </Facts>
    </Card>
  );
}
