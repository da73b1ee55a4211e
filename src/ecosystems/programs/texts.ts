/** Programs by a text that lies with them, or by the name of a file alone: one row each. Exact, whatever they run on. */
import type { TextRow } from './row.ts';

const V = '\\d{1,4}(?:\\.\\d{1,4}){1,3}';
const PRE = '(?:-?(?:alpha|beta|rc|RC|dev|preview|M)[-.]?\\d{0,3})?';

/** A library that has the version in its name. */
function jar(name: string, artifact: string): TextRow {
  return { name, like: new RegExp(`(?:^|/)${artifact}-(${V}${PRE})\\.jar$`) };
}

export const TEXTS: readonly TextRow[] = [
  {
    name: 'java',
    like: /(?:^|\/)release$/,
    version: [/^JAVA_VERSION="(\d{1,3}(?:\.\d{1,3}){0,3}(?:_\d{1,3})?)[^"\n]{0,40}"/m],
  },
  {
    name: 'golang',
    like: /(?:^|\/)go\/VERSION(?:\.cache)?$/,
    version: [/^go(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?(?:(?:rc|beta)\d{1,2})?)(?:[-\s]|$)/],
  },
  {
    name: 'erlang',
    like: /(?:^|\/)releases\/\d{1,3}\/OTP_VERSION$/,
    version: [/^(\d{1,3}(?:\.\d{1,4}){1,5})/],
  },
  {
    name: 'rabbitmq',
    like: /(?:^|\/)plugins\/rabbit-[^/]+\/ebin\/rabbit\.app$/,
    version: [/\{vsn, ?"([^"]{1,40})"\}/],
  },
  {
    name: 'couchdb',
    like: /(?:^|\/)lib\/couch-[^/]+\/ebin\/couch\.app$/,
    version: [/\{vsn, ?"([^"]{1,40})"\}/],
  },

  {
    name: 'wordpress',
    like: /(?:^|\/)wp-includes\/version\.php$/,
    version: [/^\$wp_version = '([^']{1,40})'/m],
  },
  {
    name: 'drupal',
    like: /(?:^|\/)core\/lib\/Drupal\.php$/,
    version: [/^ {2,4}const VERSION = '([^']{1,40})'/m],
  },
  {
    name: 'drupal',
    like: /(?:^|\/)includes\/bootstrap\.inc$/,
    version: [/^define\('VERSION', '(7\.[^']{1,40})'\)/m],
  },
  {
    name: 'joomla',
    like: /(?:^|\/)administrator\/manifests\/files\/joomla\.xml$/,
    version: [/<version>\s{0,9}([^<\s]{1,40})\s{0,9}<\/version>/],
  },
  { name: 'nextcloud', like: /(?:^|\/)version\.php$/, version: [/^\$OC_VersionString = '([^']{1,40})'/m] },
  {
    name: 'moodle',
    like: /(?:^|\/)version\.php$/,
    version: [
      /^\$release {1,9}= '(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?:(?:dev|beta|rc\d?))?)\+?(?: \(Build[^']{0,40})?'/m,
    ],
  },
  { name: 'phpmyadmin', like: new RegExp(`(?:^|/)RELEASE-DATE-(${V}${PRE})$`) },
  {
    name: 'mediawiki',
    like: /(?:^|\/)includes\/Defines\.php$/,
    version: [/^define\( 'MW_VERSION', '([^']{1,40})' \)/m],
  },
  {
    name: 'matomo',
    like: /(?:^|\/)core\/Version\.php$/,
    version: [/^namespace Piwik;[\s\S]{0,2000}const VERSION = '([^']{1,40})'/m],
  },
  {
    name: 'redmine',
    like: /(?:^|\/)lib\/redmine\/version\.rb$/,
    version: ['MAJOR', 'MINOR', 'TINY'].map((part) => new RegExp(`^ {4}${part} {1,3}= (\\d{1,4})$`, 'm')),
  },
  {
    name: 'ghost',
    like: /(?:^|\/)ghost\/(?:versions\/[^/]+\/|current\/)?package\.json$/,
    version: [/^\{\s*"name": "ghost",\s*"version": "([^"]{1,40})"/],
  },
  {
    name: 'kibana',
    like: /(?:^|\/)kibana\/package\.json$/,
    version: [/^\{\s*"name": "kibana",[\s\S]{0,2000}?^ {2}"version": "([^"]{1,40})"/m],
  },
  { name: 'grafana', like: /(?:^|\/)grafana\/VERSION$/, version: [/^(\d{1,2}\.[\w.+-]{1,40})\s*$/] },

  {
    name: 'tomcat',
    like: /(?:^|\/)RELEASE-NOTES$/,
    version: [/^\s{0,40}Apache Tomcat Version (\d[\w.-]{1,40})\s*$/m],
  },
  jar('cassandra', 'apache-cassandra'),
  jar('elasticsearch', 'elasticsearch'),
  jar('logstash', 'logstash-core'),
  jar('kafka', 'kafka_\\d\\.\\d{1,2}'),
  jar('zookeeper', 'zookeeper'),
  jar('solr', 'solr-core'),
  jar('neo4j', 'neo4j-kernel'),
  { name: 'julia', like: /(?:^|\/)libjulia-internal\.so\.(\d{1,2}\.\d{1,2}\.\d{1,2})$/ },
  { name: 'dart', like: /(?:^|\/)dart(?:-sdk)?\/version$/, version: [/^(\d[\w.-]{1,40})\s*$/] },
  { name: 'r', like: /(?:^|\/)library\/base\/DESCRIPTION$/, version: [/^Version: (\d[\d.]{1,20})$/m] },
];
