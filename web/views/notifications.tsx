/** Deliveries of notifications: what waits, what arrived, and dead letters, which can be sent again. */
import { useState } from 'preact/hooks';
import type { ConsoleDeliveries } from '../../src/model/api/console/types.ts';
import { send } from '../lib/api.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, number } from '../lib/words.ts';
import { Card, Empty } from '../parts/blocks.tsx';
import { Choice } from '../parts/filters.tsx';
import { List } from '../parts/list.tsx';
import { State, When } from '../parts/marks.tsx';
import { CopyLink, Page } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';

/** As the notifier tells of a delivery. */
interface Delivery {
  readonly id: string;
  readonly notification_id: string;
  readonly updater: string;
  readonly items: number;
  readonly transport: string;
  readonly state: 'waiting' | 'delivered' | 'dead' | 'deleted';
  readonly attempts: number;
  readonly created: string;
  readonly last_attempt: string | null;
  readonly next_attempt: string | null;
  readonly ended: string | null;
  readonly last_error: string | null;
}

/** How a transport is doing. */
interface Transport {
  readonly transport: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly dead: number;
  readonly last_success: string | null;
  readonly last_error: string | null;
}

const STATES = {
  waiting: ['never', 'Queued'],
  delivered: ['good', 'Delivered'],
  dead: ['bad', 'Dead letter'],
  deleted: ['off', 'Deleted by its reader'],
} as const;

export function NotificationsView() {
  const nav = useNav();
  const loaded = useLoad<ConsoleDeliveries>(
    apiPath('notifications', nav.query, ['state', 'after', 'limit']),
    '',
    30_000,
  );
  return (
    <Page title="Notifications" acts={<CopyLink />}>
      {loaded.data?.enabled === false ? (
        <section class="card">
          <Empty icon="off" title="No notifier is configured">
            <p>
              A notifier in a separate process (mode notifier): set <code>matcher.notifier_addr</code> to its
              URL in the configuration of the matcher.
            </p>
            <p>
              Without a notifier: set notifier.webhook, notifier.amqp or notifier.stomp in the configuration,
              in mode combo.
            </p>
          </Empty>
        </section>
      ) : (
        <div class="stack">
          <Transports of={(loaded.data?.transports ?? []) as readonly Transport[]} />
          <Deliveries of={loaded} />
        </div>
      )}
    </Page>
  );
}

function Transports({ of }: { of: readonly Transport[] }) {
  if (of.length === 0) return null;
  const columns: readonly Column<Transport>[] = [
    { title: 'Transport', class: 'whole strong', cell: ({ transport }) => transport },
    { title: 'Queued', isNumber: true, label: 'Queued', cell: ({ waiting }) => number(waiting) },
    { title: 'Delivered', isNumber: true, label: 'Delivered', cell: ({ delivered }) => number(delivered) },
    {
      title: 'Dead letters',
      isNumber: true,
      label: 'Dead letters',
      cell: ({ dead }) => <span class={dead > 0 ? 'bad' : 'muted'}>{number(dead)}</span>,
    },
    { title: 'Last success', label: 'Last success', cell: ({ last_success: at }) => <When at={at} /> },
    { title: 'Last error', class: 'whole', cell: ({ last_error: error }) => error },
  ];
  return (
    <Card title="Transports">
      <Table caption="Transports" columns={columns} rows={of} rowKey={({ transport }) => transport} />
    </Card>
  );
}

function Deliveries({ of }: { of: ReturnType<typeof useLoad<ConsoleDeliveries>> }) {
  const canOperate = useRole('operate');
  const columns: readonly Column<Delivery>[] = [
    { title: 'Created', cell: ({ created }) => <When at={created} /> },
    {
      title: 'Feed run',
      class: 'whole',
      cell: ({ updater, items, notification_id: id }) => (
        <>
          {updater}
          <span class="sub">
            {counted(items, 'notification')} · <code>{id}</code>
          </span>
        </>
      ),
    },
    { title: 'Transport', cell: ({ transport }) => transport },
    {
      title: 'State',
      class: 'whole',
      cell: ({ state, last_error: error }) => (
        <>
          <State kind={STATES[state][0]}>{STATES[state][1]}</State>
          {error !== null && state !== 'delivered' && <span class="sub">{error}</span>}
        </>
      ),
    },
    { title: 'Attempts', isNumber: true, label: 'Attempts', cell: ({ attempts }) => number(attempts) },
    { title: 'Last attempt', class: 'not-390', cell: ({ last_attempt: at }) => <When at={at} /> },
    { title: 'Next attempt', class: 'not-390', cell: ({ next_attempt: at }) => <When at={at} never="–" /> },
    ...(canOperate
      ? [
          {
            title: 'Actions',
            isQuiet: true,
            cell: ({ id, state }: Delivery) =>
              state === 'dead' || state === 'delivered' ? <Redeliver id={id} done={of.reload} /> : null,
          },
        ]
      : []),
  ];
  return (
    <List
      of={of}
      noun="deliveries"
      filters={['state']}
      total={({ deliveries }) => deliveries.length}
      next={({ next }) => next}
      shown={({ deliveries }) => deliveries.length}
      empty={{
        icon: 'never',
        title: 'No notification was created yet',
        text: <p>A feed run that changes findings of an indexed image creates notifications.</p>,
      }}
      tools={
        <Choice
          name="state"
          label="Deliveries by state"
          options={[
            ['', 'All'],
            ['queued', 'Queued'],
            ['dead', 'Dead letters'],
            ['delivered', 'Delivered'],
          ]}
        />
      }
    >
      {({ deliveries }, isOld) => (
        <Table
          caption="Deliveries"
          columns={columns}
          rows={deliveries as readonly Delivery[]}
          rowKey={({ id }) => id}
          isOld={isOld}
        />
      )}
    </List>
  );
}

function Redeliver({ id, done }: { id: string; done: () => void }) {
  const [state, setState] = useState('Redeliver');
  const [error, setError] = useState('');
  const start = async () => {
    try {
      await send(`notifications/${id}/redeliver`, {});
      setState('Queued');
      done();
    } catch (reason) {
      setState('Failed');
      setError((reason as Error).message);
    }
  };
  return (
    <button
      type="button"
      class="button plain"
      aria-label={`Redeliver ${id}`}
      title={error}
      disabled={state === 'Queued'}
      onClick={start}
    >
      <span role="status">{state}</span>
    </button>
  );
}
