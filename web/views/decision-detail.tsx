/** One decision: its history, and what may be done about it. Nothing is deleted: withdrawing is a change with a reason. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Decision, DecisionHistory } from '../../src/model/api/console/types.ts';
import { ApiError, send } from '../lib/api.ts';
import { forget, useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { minuteText, shortDigest } from '../lib/words.ts';
import { Facts, Notice } from '../parts/blocks.tsx';
import { STATUS_WORDS } from '../parts/findings.tsx';
import { Icon } from '../parts/icon.tsx';
import { Shown } from '../parts/page.tsx';

/** What a decision holds for. */
export function scopeText({ image, repository, label }: Decision['scope']): string {
  if (image !== undefined) return `image ${shortDigest(image)}`;
  if (repository !== undefined) return repository;
  return label === undefined ? 'all images' : `label ${label}`;
}

const ACTIONS = { made: 'Made', changed: 'Changed', withdrawn: 'Withdrawn', imported: 'Imported' } as const;

/** `show=ID` of the address. */
export function DecisionDetail({ decisions, done }: { decisions: readonly Decision[]; done: () => void }) {
  const nav = useNav();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = nav.query.get('show');
  const isWanted = id !== null;
  useEffect(() => {
    if (isWanted) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isWanted]);
  const close = () => nav.go(nav.with({ show: null, after: nav.query.get('after') }), { replace: true });
  const history = useLoad<DecisionHistory>(
    isWanted ? `decisions/${encodeURIComponent(id)}/history` : undefined,
    id ?? '',
  );
  const current =
    decisions.find((each) => each.id === id) ?? (history.data?.changes[0]?.after as Decision | undefined);
  return (
    <dialog ref={dialog} aria-labelledby="decision-title" onClose={() => isWanted && close()}>
      <header>
        <h2 id="decision-title">{current === undefined ? 'Decision' : `Decision about ${current.cve}`}</h2>
        <button type="button" class="button plain" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {isWanted && (
        <>
          {current !== undefined && (
            <Change
              key={`${current.id} ${current.revision}`}
              of={current}
              done={done}
              reload={history.reload}
            />
          )}
          <Shown of={history}>{({ changes }) => <History of={changes} />}</Shown>
        </>
      )}
    </dialog>
  );
}

function History({ of }: { of: DecisionHistory['changes'] }) {
  return (
    <Facts>
      {of.map(({ revision, action, by, at, from, after }) => {
        const { status, reason, until } = (after ?? {}) as Partial<Decision>;
        return (
          <li key={revision}>
            <span>
              <b>{ACTIONS[action]}</b> by {by}
              {from !== null && <span class="muted"> from {from}</span>}
              <br />
              {status !== undefined && STATUS_WORDS[status]}
              {until != null && ` until ${until}`}
              {reason !== undefined && `: ${reason}`}
            </span>
            <span class="muted nowrap">{at !== null && minuteText(at)}</span>
          </li>
        );
      })}
    </Facts>
  );
}

interface ChangeProps {
  readonly of: Decision;
  readonly done: () => void;
  readonly reload: () => void;
}

function Change({ of, done, reload }: ChangeProps) {
  const canDecide = useRole('triage');
  const [reason, setReason] = useState(of.reason);
  const [until, setUntil] = useState(of.until ?? '');
  const [error, setError] = useState<string>();
  const [theirs, setTheirs] = useState<Decision>();
  if (!canDecide || of.state === 'withdrawn')
    return <p class="fields muted">{`${STATUS_WORDS[of.status]}, ${scopeText(of.scope)}: ${of.reason}`}</p>;
  const revision = theirs?.revision ?? of.revision;
  const submit = async (path: string, method: 'PATCH' | 'POST', body: unknown) => {
    setError(undefined);
    try {
      await send(path, { method, body, headers: { 'if-match': `"${revision}"` } });
      forget();
      done();
      reload();
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 412) {
        setTheirs(failure.body as Decision);
        setError('Another person changed this decision. Compare both reasons, then save again or close.');
      } else setError((failure as Error).message);
    }
  };
  const path = `decisions/${encodeURIComponent(of.id)}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit(path, 'PATCH', { reason, until: until === '' ? null : until });
      }}
    >
      <div class="fields">
        {error !== undefined && (
          <Notice kind="failed">
            {error}
            {theirs !== undefined && (
              <p>
                Theirs ({theirs.by}): {theirs.reason}
              </p>
            )}
          </Notice>
        )}
        <p>
          <b>{STATUS_WORDS[of.status]}</b> for {scopeText(of.scope)}
          {of.package !== null && `, package ${of.package.source}`}
        </p>
        <label>
          <span class="label">Reason</span>
          <textarea
            required
            maxLength={4000}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <label>
          <span class="label">Until</span>
          <input type="date" value={until} onInput={({ currentTarget }) => setUntil(currentTarget.value)} />
        </label>
      </div>
      <footer>
        <button
          type="button"
          class="button"
          disabled={reason.trim() === '' || reason === of.reason}
          title="Enter why in the reason first"
          onClick={() => submit(`${path}/withdraw`, 'POST', { reason })}
        >
          Withdraw
        </button>
        <button type="submit" class="button main">
          Save
        </button>
      </footer>
    </form>
  );
}
