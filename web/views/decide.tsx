/** The dialog that records a decision. It opens by the address, over the view that it came from. */
import { useEffect, useRef } from 'preact/hooks';
import type { ConsoleImageDetail } from '../../src/model/api/console/types.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { Icon } from '../parts/icon.tsx';
import { DecideForm } from './decide-form.tsx';

/** `decide=CVE`, `about=TYPE/PACKAGE`, `in=DIGEST` (repeatable). */
export function DecideDialog() {
  const nav = useNav();
  const dialog = useRef<HTMLDialogElement>(null);
  const cve = nav.query.get('decide');
  const about = nav.query.get('about') ?? '';
  const images = nav.query.getAll('in');
  const canDecide = useRole('triage');
  const isWanted = cve !== null && canDecide;
  useEffect(() => {
    if (isWanted) {
      dialog.current?.showModal();
      // Not the button that closes it, which comes first.
      dialog.current?.querySelector<HTMLElement>('input[type=text], input:checked')?.focus();
    } else dialog.current?.close();
  }, [isWanted]);
  const [first] = images;
  const path = isWanted && images.length === 1 ? `images/${encodeURIComponent(first!)}` : undefined;
  const image = useLoad<ConsoleImageDetail>(path, first ?? '');
  const close = () =>
    nav.go(nav.with({ decide: null, about: null, in: null, after: nav.query.get('after') }), {
      replace: true,
    });
  return (
    <dialog ref={dialog} aria-labelledby="decide-title" onClose={() => isWanted && close()}>
      {isWanted && (
        <>
          <header>
            <div>
              <h2 id="decide-title">{cve.trim() === '' ? 'New decision' : `Decide about ${cve}`}</h2>
              {about !== '' && <span class="muted">{about}</span>}
            </div>
            <button type="button" class="button plain" aria-label="Close" onClick={close}>
              <Icon name="close" />
            </button>
          </header>
          <DecideForm
            key={`${cve} ${about} ${images.join()}`}
            cve={cve.trim()}
            about={about}
            images={images}
            {...(image.data !== undefined && { image: image.data })}
            close={close}
          />
        </>
      )}
    </dialog>
  );
}
