/** The shortest list of upgrades: what each takes away, those first that take away most. */
import type { ComponentChildren } from 'preact';
import { Risk } from './marks.tsx';

export interface UpgradeItem {
  readonly key: string;
  readonly name: ComponentChildren;
  readonly from?: string;
  readonly to: string | null;
  /** A line below. */
  readonly about: string;
  readonly risk: number;
}

export function Upgrades({ of }: { of: readonly UpgradeItem[] }) {
  const most = Math.max(0, ...of.map(({ risk }) => risk));
  return (
    <ol class="upgrades">
      {of.map(({ key, name, from, to, about, risk }, index) => (
        <li key={key}>
          <span class="rank" aria-hidden="true">
            {index + 1}
          </span>
          <span class="what">
            <b>{name}</b> {from !== undefined && <code class="muted">{from}</code>}
            {to !== null && (
              <>
                {' '}
                <span aria-hidden="true">→</span>
                <span class="hidden-text">upgrade to</span> <code>{to}</code>
              </>
            )}
          </span>
          <span class="sub">{about}</span>
          <Risk of={risk} most={most} />
        </li>
      ))}
    </ol>
  );
}

/** `One upgrade removes 42 % of the risk` */
export function upgradesTitle(count: number, share: number): string {
  const words = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'];
  const verb = count === 1 ? 'upgrade removes' : 'upgrades remove';
  return `${words[count] ?? count} ${verb} ${share > 0 && share < 0.01 ? 'less than 1' : Math.round(share * 100)} % of the risk`;
}
