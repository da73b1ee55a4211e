/** The versions of rpm packages: of rpm's own order, which tags of Red Hat's containers share. */
export { compareRpm, keyOfRpm, parseRpm, type RpmVersion, rpmVersions } from '../../formats/rpm-version.ts';
