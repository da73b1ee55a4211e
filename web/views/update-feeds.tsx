/** Starts an update of all feeds, or of one. */
import { useState } from 'preact/hooks';
import { send } from '../lib/api.ts';
import { Icon } from '../parts/icon.tsx';

export interface UpdateProps {
  /** Absent: all. */
  readonly only?: { readonly feeds?: readonly string[]; readonly sets?: readonly string[] };
  readonly name?: string;
  readonly done: () => void;
}

export function UpdateFeeds({ only, name, done }: UpdateProps) {
  const [state, setState] = useState<'idle' | 'sent' | 'failed'>('idle');
  const [error, setError] = useState('');
  const start = async () => {
    try {
      await send('feeds/update', { body: only ?? {} });
      setState('sent');
      setTimeout(done, 1500);
    } catch (reason) {
      setState('failed');
      setError((reason as Error).message);
    }
  };
  const title = name === undefined ? 'Update now' : 'Update';
  return (
    <button
      type="button"
      class={name === undefined ? 'button main' : 'button plain'}
      disabled={state === 'sent'}
      title={error}
      {...(name !== undefined && { 'aria-label': `Update ${name}` })}
      onClick={start}
    >
      {name === undefined && <Icon name="again" />}
      <span role="status">{state === 'sent' ? 'Queued' : state === 'failed' ? 'Failed' : title}</span>
    </button>
  );
}
