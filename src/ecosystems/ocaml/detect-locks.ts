/** `NAME.opam.locked`, which `opam lock` writes. */
import type { PackageList } from '../../contract/package-list.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { OPAM } from './lookups.ts';

const opamLocked: ListFormat = {
  is: /(?:^|\/)[^/]+\.opam\.locked$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (!/^opam-version:/m.test(text)) throw new Error('it is no file of opam');
    for (const [, field = '', list = ''] of text.matchAll(/^(depends|depopts):[ \t]*\[([^\]]*)\]/gm)) {
      if (field !== 'depends') continue;
      for (const [, name = '', version] of list.matchAll(
        /"([^"\n]+)"(?:[ \t\n]*\{[^}]*?= "([^"\n]+)"[^}]*\})?/g,
      ))
        if (version === undefined) yield { unread: `no version of ${name} is in it` };
        else yield { name, version };
    }
  },
};

// differs: a detector that Clair does not have: lock files of opam in directories of sources
export const ocamlLocks = lockFiles({
  id: 'opam-lock',
  revision: '1',
  formats: [opamLocked],
  repository: OPAM,
  database: 'opam',
});

/** Told of in images. */
export const ocamlLists: readonly PackageList[] = [
  { is: /\.opam\.locked$/, names: namesBy(/^[ \t]*"([\w+-]+)" \{= "/gm) },
];
