/** `Cargo.lock` of folders of sources (doc.rust-lang.org/cargo: Cargo.toml vs Cargo.lock). */
import type { PackageList } from '../../contract/package-list.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesInToml } from '../../formats/locks/names.ts';
import { tomlTables } from '../../formats/locks/toml.ts';
import { lockFiles } from '../lock-files.ts';
import { CRATES } from './detect-auditable.ts';

/** As Cargo calls its own registry, by Git and by HTTP. */
const CRATES_IO =
  /^(?:registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index|sparse\+https:\/\/index\.crates\.io\/?)$/;

const cargoLock: ListFormat = {
  is: /(?:^|\/)Cargo\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^(?:version *=|\[)/m.test(text))
      throw new Error('it is no lock file of Cargo');
    for (const { path, values } of tomlTables(text)) {
      const source = values.get('source');
      // Crates of the project itself have none.
      if (path !== 'package' || source === undefined) continue;
      const from = CRATES_IO.test(source)
        ? {}
        : { module: /^(git|registry|sparse)\+/.exec(source)?.[1] ?? 'unknown' };
      yield { name: values.get('name') ?? '', version: values.get('version') ?? '', ...from };
    }
  },
};

// differs: a detector that Clair does not have: Cargo.lock in directories of sources
export const cargoLocks = lockFiles({
  id: 'cargo-lock',
  revision: '1',
  formats: [cargoLock],
  repository: CRATES,
  database: 'cargo',
});

/** Told of in images. */
export const cargoLists: readonly PackageList[] = [{ is: /^Cargo\.lock$/, names: namesInToml }];
