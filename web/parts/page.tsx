/** A page of the console: its title, where it lies, what can be done; and the states of what it shows. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { download } from '../lib/api.ts';
import type { Loaded } from '../lib/load.ts';
import { since } from '../lib/words.ts';
import { Empty, Notice, Skeleton } from './blocks.tsx';
import { Icon } from './icon.tsx';
import { Digest } from './marks.tsx';

export interface PageProps {
  readonly title: string;
  /** Shown in place of `title`, which names the tab. */
  readonly heading?: ComponentChildren;
  readonly isHeadline?: boolean;
  readonly crumb?: readonly (readonly [title: string, href: string])[];
  readonly facts?: ComponentChildren;
  readonly acts?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, heading, isHeadline, crumb, facts, acts, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Clair`;
  }, [title]);
  return (
    <>
      {crumb !== undefined && (
        <nav class="crumb" aria-label="Where this is">
          {crumb.map(([name, href], index) => (
            <span key={href}>
              {index > 0 && ' / '}
              <a href={href}>{name}</a>
            </span>
          ))}
        </nav>
      )}
      <div class="head">
        <div>
          <h1 tabIndex={-1} {...(isHeadline && { class: 'headline' })}>
            {heading ?? title}
          </h1>
          {facts}
        </div>
        {acts !== undefined && <div class="acts">{acts}</div>}
      </div>
      {children}
    </>
  );
}

/** Shows what was loaded; while there is nothing a skeleton, after a failure what went wrong beside the old data. */
export function Shown<T>({
  of,
  missing,
  children,
}: {
  of: Loaded<T>;
  /** What a 404 means here. */
  missing?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error, isSlow, reload } = of;
  const [at, setAt] = useState<string>();
  useEffect(() => {
    if (data !== undefined) setAt(new Date().toISOString());
  }, [data]);
  if (error?.status === 404 && missing !== undefined) return <>{missing}</>;
  if (data === undefined) {
    if (error !== undefined) return <Failed error={error} retry={reload} />;
    return isSlow ? <Skeleton /> : null;
  }
  return (
    <>
      {error !== undefined && (
        <Notice kind="failed">
          <b>{error.message || 'Sign in again.'}</b> The data shown was loaded{' '}
          {at === undefined ? 'before' : since(at, Date.now())}.{' '}
          <button type="button" class="button plain" onClick={reload}>
            Retry
          </button>
        </Notice>
      )}
      {children(data)}
    </>
  );
}

function Failed({ error, retry }: { error: { status: number; message: string }; retry: () => void }) {
  if (error.status === 401) return null; // the form for the token is shown
  const title =
    error.status === 404
      ? 'Not found'
      : error.status === 403
        ? 'Not allowed'
        : error.status === 202
          ? 'The feeds are loading'
          : 'Not loaded';
  return (
    <div class="card" role="alert">
      <Empty icon={error.status === 202 ? 'again' : 'bad'} title={title}>
        <p>{error.message}</p>
        <button type="button" class="button" onClick={retry}>
          <Icon name="again" />
          Retry
        </button>
      </Empty>
    </div>
  );
}

/** Copies what `text` gives, and says for two seconds that it has. */
function useCopy(text: () => string) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text());
    setDone(true);
    setTimeout(() => setDone(false), 2000);
  };
  return { isDone, copy };
}

export function CopyLink() {
  const { isDone, copy } = useCopy(() => location.href);
  return (
    <button type="button" class="button" data-key="y" onClick={copy}>
      <Icon name="link" />
      <span role="status">{isDone ? 'Copied' : 'Copy link'}</span>
    </button>
  );
}

/** A digest in short; the whole of it is copied. */
export function CopyDigest({ of }: { of: string }) {
  const { isDone, copy } = useCopy(() => of);
  return (
    <span class="nowrap">
      <Digest of={of} />{' '}
      <button type="button" class="copy" onClick={copy} title="Copy the digest" aria-label="Copy the digest">
        <span role="status">{isDone ? 'Copied' : <Icon name="copy" />}</span>
      </button>
    </span>
  );
}

export interface Export {
  readonly title: string;
  readonly path: string;
  readonly file: string;
  readonly accept?: string;
}

/** What can be saved of the current view, with its filters. */
export function ExportMenu({ of }: { of: readonly Export[] }) {
  const [error, setError] = useState('');
  const save = ({ path, file, accept }: Export) => {
    setError('');
    download(path, file, accept).catch((reason: Error) => setError(reason.message || 'Sign in again.'));
  };
  const [only] = of;
  if (of.length === 1 && only !== undefined)
    return (
      <button type="button" class="button" data-key="e" onClick={() => save(only)} title={error}>
        <Icon name="save" />
        {error === '' ? only.title : 'Export failed'}
      </button>
    );
  return (
    <details class="menu">
      <summary class="button" data-key="e">
        <Icon name="save" />
        {error === '' ? 'Export' : 'Export failed'}
        <Icon name="down" />
      </summary>
      <ul>
        {of.map((each) => (
          <li key={each.title}>
            <button type="button" onClick={() => save(each)}>
              {each.title}
            </button>
          </li>
        ))}
        {error !== '' && <li role="alert">{error}</li>}
      </ul>
    </details>
  );
}
