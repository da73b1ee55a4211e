/** Why a finding was matched: the advisories that name the package, their ranges, and what the comparison came to. */
import type { ConsoleWhy } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted } from '../lib/words.ts';
import { CveLink } from '../parts/cve-table.tsx';
import { Shown } from '../parts/page.tsx';

const SHOWN = 10;

/** The name of a finding, with the reasons where the address opens them: `why=CVE`. */
export function ExplainedName({ digest, id }: { digest: string; id: string }) {
  const nav = useNav();
  const isOpen = nav.query.get('why') === id;
  return (
    <>
      <CveLink id={id} />
      <a
        class="button plain"
        href={nav.with({ why: isOpen ? null : id, after: nav.query.get('after') })}
        data-replace
        aria-expanded={isOpen}
        aria-label={`Why ${id} was matched`}
      >
        Why
      </a>
      {isOpen && <Reasons digest={digest} id={id} />}
    </>
  );
}

function Reasons({ digest, id }: { digest: string; id: string }) {
  const path = apiPath(`images/${encodeURIComponent(digest)}/why`, new URLSearchParams(), [], { cve: id });
  const loaded = useLoad<ConsoleWhy>(path, `${digest} ${id}`);
  return (
    <Shown of={loaded}>
      {({ advisories }) => (
        <ul class="muted why">
          {advisories.length === 0 && <li>No loaded advisory names a package of this image any more.</li>}
          {advisories.slice(0, SHOWN).map((each) => (
            <li key={`${each.feed} ${each.scope} ${each.id} ${each.package} ${each.version} ${each.range}`}>
              {each.id} of {each.feed}: {each.kind} package {each.name} in {each.scope}, {each.range}.{' '}
              {each.package} {each.compared}.
            </li>
          ))}
          {advisories.length > SHOWN && (
            <li>{counted(advisories.length - SHOWN, 'more advisory', 'more advisories')}</li>
          )}
        </ul>
      )}
    </Shown>
  );
}
