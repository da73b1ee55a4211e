/** Every family of ecosystems: a folder, and one line here. */
export { apk } from './apk/index.ts';
export { arch } from './arch/index.ts';
export { deb } from './deb/index.ts';
export { dotnet } from './dotnet/index.ts';
export { go } from './go/index.ts';
export { hex } from './hex/index.ts';
export { java } from './java/index.ts';
export { node } from './node/index.ts';
export { other } from './other/index.ts';
export { php } from './php/index.ts';
export { programs } from './programs/index.ts';
export { python } from './python/index.ts';
export { redhat } from './redhat/index.ts';
export { ruby } from './ruby/index.ts';
export { rust } from './rust/index.ts';
