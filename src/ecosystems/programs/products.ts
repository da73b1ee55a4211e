/** The programs that are known, by what feeds call them. */

/** What a feed has to say of a program. */
export interface Product {
  /** Its products in the NVD's names, `vendor:product`: a record of Bitnami's about none of them is about a plugin or a client. */
  readonly cpes: readonly string[];
  /** Where its advisories are from; undefined: nobody's are read. */
  readonly feed?: 'bitnami' | 'nvd';
}

/** Has advisories in Bitnami's database under the same name. */
const bitnami = (...cpes: string[]): Product => ({ cpes, feed: 'bitnami' });

/** Has none there: what the NVD says is read. */
const nvd = (...cpes: string[]): Product => ({ cpes, feed: 'nvd' });

/** Nobody's advisories about it are read: it is told by its name. */
const unfed: Product = { cpes: [] };

/** By the names that reports and package URLs have. */
export const PRODUCTS: ReadonlyMap<string, Product> = new Map(
  Object.entries<Product>({
    apache: bitnami('apache:http_server'),
    cassandra: bitnami('apache:cassandra'),
    consul: bitnami('hashicorp:consul'),
    couchdb: bitnami('apache:couchdb'),
    drupal: bitnami('drupal:drupal'),
    elasticsearch: bitnami('elastic:elasticsearch', 'elasticsearch:elasticsearch'),
    envoy: bitnami('envoyproxy:envoy'),
    etcd: bitnami('etcd:etcd', 'redhat:etcd'),
    'fluent-bit': bitnami('treasuredata:fluent_bit'),
    ghost: bitnami('ghost:ghost'),
    git: bitnami('git-scm:git', 'git:git'),
    golang: bitnami('golang:go'),
    grafana: bitnami('grafana:grafana'),
    haproxy: bitnami('haproxy:haproxy'),
    helm: bitnami('helm:helm'),
    influxdb: bitnami('influxdata:influxdb'),
    java: bitnami('bellsoft:libericajdk', 'oracle:openjdk', 'oracle:jdk', 'oracle:jre'),
    jenkins: bitnami('jenkins:jenkins'),
    joomla: bitnami('joomla:joomla!'),
    kafka: bitnami('apache:kafka'),
    kibana: bitnami('elastic:kibana', 'elasticsearch:kibana'),
    logstash: bitnami('elastic:logstash', 'elasticsearch:logstash'),
    lua: bitnami('lua:lua'),
    mariadb: bitnami('mariadb:mariadb'),
    memcached: bitnami('memcached:memcached'),
    minio: bitnami('minio:minio'),
    modsecurity: bitnami('trustwave:modsecurity', 'owasp:modsecurity'),
    mongodb: bitnami('mongodb:mongodb'),
    moodle: bitnami('moodle:moodle'),
    nats: bitnami('nats:nats_server', 'linuxfoundation:nats-server'),
    neo4j: bitnami('neo4j:neo4j'),
    nextcloud: bitnami('nextcloud:nextcloud', 'nextcloud:nextcloud_server'),
    nginx: bitnami('f5:nginx', 'nginx:nginx'),
    node: bitnami('nodejs:node.js'),
    openldap: bitnami('openldap:openldap'),
    php: bitnami('php:php'),
    phpmyadmin: bitnami('phpmyadmin:phpmyadmin'),
    postgresql: bitnami('postgresql:postgresql'),
    python: bitnami('python:python'),
    rabbitmq: bitnami('vmware:rabbitmq', 'pivotal_software:rabbitmq', 'broadcom:rabbitmq_server'),
    redis: bitnami('redis:redis', 'redislabs:redis'),
    redmine: bitnami('redmine:redmine'),
    ruby: bitnami('ruby-lang:ruby'),
    solr: bitnami('apache:solr'),
    sqlite: bitnami('sqlite:sqlite'),
    tomcat: bitnami('apache:tomcat'),
    valkey: bitnami('lfprojects:valkey', 'valkey-io:valkey', 'redis:redis'),
    varnish: bitnami('varnish-software:varnish_cache', 'varnish_cache_project:varnish_cache'),
    vault: bitnami('hashicorp:vault'),
    wordpress: bitnami('wordpress:wordpress'),
    zookeeper: bitnami('apache:zookeeper'),

    'aws-lc': unfed,
    bash: nvd('gnu:bash'),
    bind: nvd('isc:bind'),
    boringssl: unfed,
    bun: nvd('oven:bun'),
    busybox: nvd('busybox:busybox'),
    curl: nvd('haxx:curl', 'haxx:libcurl'),
    dart: nvd('dart:dart_software_development_kit'),
    deno: nvd('deno:deno'),
    dnsmasq: nvd('thekelleys:dnsmasq'),
    dovecot: nvd('dovecot:dovecot'),
    elixir: nvd('elixir-lang:elixir'),
    erlang: nvd('erlang:erlang/otp', 'erlang:otp'),
    exim: nvd('exim:exim'),
    ffmpeg: nvd('ffmpeg:ffmpeg'),
    gcc: nvd('gnu:gcc'),
    ghostscript: nvd('artifex:ghostscript'),
    julia: nvd('julialang:julia'),
    keydb: unfed,
    libressl: nvd('openbsd:libressl'),
    lighttpd: nvd('lighttpd:lighttpd'),
    matomo: nvd('matomo:matomo'),
    mediawiki: nvd('mediawiki:mediawiki'),
    mosquitto: nvd('eclipse:mosquitto'),
    mysql: nvd('oracle:mysql', 'oracle:mysql_server'),
    openssh: nvd('openbsd:openssh'),
    openssl: nvd('openssl:openssl'),
    openvpn: nvd('openvpn:openvpn'),
    percona: nvd('percona:percona_server'),
    perl: nvd('perl:perl'),
    postfix: nvd('postfix:postfix'),
    proftpd: nvd('proftpd:proftpd'),
    pypy: nvd('pypy:pypy'),
    r: unfed,
    rust: nvd('rust-lang:rust'),
    squid: nvd('squid-cache:squid'),
    unbound: nvd('nlnetlabs:unbound'),
    vsftpd: nvd('vsftpd_project:vsftpd'),
  }),
);
