/** The databases of rpm, with what Red Hat's layers say of their repositories. */
import { rpmDatabases } from '../../rpm/databases.ts';
import { hintsOf, saysRepositories } from '../repositories/repoids.ts';

/** The detector `rpm` of Clair: it finds the packages of all distributions with rpm. */
export const rpmPackages = rpmDatabases({ wants: saysRepositories, hintsOf });
