/** Fields of a decision: what, why, for which images, and until when. How many findings that is, is said at once. */
import { useEffect, useState } from 'preact/hooks';
import type { ConsoleImageDetail, DecisionPreview } from '../../src/model/api/console/types.ts';
import { send } from '../lib/api.ts';
import {
  dayIn,
  decisionsOf,
  type Fields,
  JUSTIFICATIONS,
  problemOf,
  STATUSES,
  scopesOf,
  statementOf,
} from '../lib/decision.ts';
import { forget } from '../lib/load.ts';
import { SessionContext } from '../lib/session.ts';
import { counted } from '../lib/words.ts';
import { Notice } from '../parts/blocks.tsx';

export interface DecideFormProps {
  readonly cve: string;
  readonly about: string;
  readonly images: readonly string[];
  /** Of the only image, once it is loaded. */
  readonly image?: ConsoleImageDetail;
  readonly close: () => void;
}

const PAUSE = 300;

export function DecideForm({ cve, about, images, image, close }: DecideFormProps) {
  const [fields, setFields] = useState<Fields>(() => ({
    cve,
    about,
    status: 'not_affected',
    justification: 'vulnerable_code_not_in_execute_path',
    reason: '',
    scope: images.length > 0 ? 'image' : 'all',
    until: dayIn(90, new Date()),
    isUntilFix: false,
  }));
  const { error, isBusy, save } = useSaving(fields, images, close);
  const preview = usePreview(fields, images);
  const set = (changes: Partial<Fields>) => setFields((old) => ({ ...old, ...changes }));
  const part = { of: fields, set };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="fields">
        {error !== undefined && <Notice kind="failed">{error}</Notice>}
        {cve === '' && <AboutFields {...part} />}
        <StatusFields {...part} />
        <ReasonField {...part} />
        <div class="pair">
          <ScopeField {...part} scopes={scopesOf(images, image)} preview={preview} />
          <UntilField {...part} />
        </div>
        <details>
          <summary>As OpenVEX</summary>
          <pre>{JSON.stringify(statementOf(fields), null, 2)}</pre>
        </details>
      </div>
      <footer>
        <SessionContext.Consumer>
          {(session) => (
            <span class="muted">Recorded as {session?.user || 'anonymous'}. Every change is kept.</span>
          )}
        </SessionContext.Consumer>
        <span class="acts">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button main" disabled={isBusy}>
            {preview === undefined ? 'Record' : `Record for ${counted(preview.findings, 'finding')}`}
          </button>
        </span>
      </footer>
    </form>
  );
}

/** Records the decisions, one for each image, then closes the form; `error` says why not. */
function useSaving(fields: Fields, images: readonly string[], close: () => void) {
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    const problem = problemOf(fields);
    setError(problem);
    if (problem !== undefined) return;
    setBusy(true);
    try {
      for (const body of decisionsOf(fields, images)) await send('decisions', { body });
      forget();
      close();
      dispatchEvent(new CustomEvent('clair-decided'));
    } catch (failure) {
      setError((failure as Error).message);
      setBusy(false);
    }
  };
  return { error, isBusy, save };
}

interface Part {
  readonly of: Fields;
  readonly set: (changes: Partial<Fields>) => void;
}

/** What is decided about, where the view does not say it. */
function AboutFields({ of, set }: Part) {
  return (
    <div class="pair">
      <label>
        <span class="label">CVE</span>
        <input
          type="text"
          name="cve"
          required
          value={of.cve}
          spellcheck={false}
          onInput={({ currentTarget }) => set({ cve: currentTarget.value })}
        />
      </label>
      <label>
        <span class="label">Package</span>
        <input
          type="text"
          name="package"
          placeholder="deb/curl; empty: every package"
          value={of.about}
          spellcheck={false}
          onInput={({ currentTarget }) => set({ about: currentTarget.value })}
        />
      </label>
    </div>
  );
}

function ReasonField({ of, set }: Part) {
  return (
    <label>
      <span class="label">Reason</span>
      <textarea
        name="reason"
        required
        maxLength={4000}
        value={of.reason}
        onInput={({ currentTarget }) => set({ reason: currentTarget.value })}
      />
      <span class="help">
        Part of reports and of OpenVEX. Name what was examined, so that the next person need not.
      </span>
    </label>
  );
}

interface ScopePart extends Part {
  readonly scopes: ReturnType<typeof scopesOf>;
  readonly preview: DecisionPreview | undefined;
}

function ScopeField({ of, set, scopes, preview }: ScopePart) {
  return (
    <div>
      <label>
        <span class="label">Holds for</span>
        <select
          name="scope"
          value={of.scope}
          onChange={({ currentTarget }) => set({ scope: currentTarget.value })}
        >
          {scopes.map(([value, title]) => (
            <option key={value} value={value} selected={value === of.scope}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <p class="help" role="status">
        {preview !== undefined && (
          <>
            <b>{counted(preview.findings, 'finding')}</b> in {counted(preview.images, 'image')}
            {preview.replaces.length > 0 &&
              `. Takes precedence over ${counted(preview.replaces.length, 'older decision')}`}
          </>
        )}
      </p>
    </div>
  );
}

function StatusFields({ of, set }: Part) {
  return (
    <>
      <fieldset>
        <legend>Decision</legend>
        <div class="options">
          {STATUSES.map(([value, title, about]) => (
            <label key={value}>
              <input
                type="radio"
                name="status"
                value={value}
                checked={of.status === value}
                onChange={() => set({ status: value })}
              />
              <b>{title}</b>
              <span>{about}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {of.status === 'not_affected' && (
        <label>
          <span class="label">Justification</span>
          <select
            name="justification"
            value={of.justification}
            onChange={({ currentTarget }) =>
              set({ justification: currentTarget.value as Fields['justification'] })
            }
          >
            {JUSTIFICATIONS.map(([value, title]) => (
              <option key={value} value={value} selected={value === of.justification}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

function UntilField({ of, set }: Part) {
  const now = new Date();
  return (
    <div>
      <label>
        <span class="label">Until</span>
        <input
          type="date"
          name="until"
          min={dayIn(0, now)}
          value={of.isUntilFix ? '' : of.until}
          disabled={of.isUntilFix}
          onInput={({ currentTarget }) => set({ until: currentTarget.value })}
        />
      </label>
      <div class="chips">
        {[30, 90].map((days) => (
          <button
            key={days}
            type="button"
            class="pill"
            aria-pressed={!of.isUntilFix && of.until === dayIn(days, now)}
            onClick={() => set({ until: dayIn(days, now), isUntilFix: false })}
          >
            {days} days
          </button>
        ))}
        <button
          type="button"
          class="pill"
          aria-pressed={of.isUntilFix}
          onClick={() => set({ isUntilFix: !of.isUntilFix })}
        >
          A fix is available
        </button>
      </div>
    </div>
  );
}

/** How many findings the decision would be about; the reason does not matter for that. */
function usePreview(fields: Fields, images: readonly string[]): DecisionPreview | undefined {
  const [preview, setPreview] = useState<DecisionPreview>();
  const { reason: _reason, ...rest } = fields;
  const wanted = decisionsOf({ ...rest, reason: 'preview' } as Fields, images);
  const key = JSON.stringify(wanted);
  useEffect(() => {
    setPreview(undefined);
    if (
      fields.cve.trim() === '' ||
      (fields.status === 'accepted' && fields.until === '' && !fields.isUntilFix)
    )
      return;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const all = await Promise.all(
          wanted
            .slice(0, 50)
            .map((body) => send<DecisionPreview>('decisions/preview', { body, signal: abort.signal })),
        );
        const sum = (of: (each: DecisionPreview) => number) =>
          all.reduce((total, each) => total + of(each), 0);
        setPreview({
          cve: fields.cve,
          findings: sum(({ findings }) => findings),
          images: sum(({ images: count }) => count),
          replaces: all.flatMap(({ replaces }) => replaces),
        });
      } catch {
        // Recording says what is wrong.
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return preview;
}
