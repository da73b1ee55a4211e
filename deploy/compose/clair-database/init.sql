-- Run once, by the first start of clair-database: a database for each service, and one for all of them (combo).
create user clair;
create database indexer owner clair;
create database matcher owner clair;
create database notifier owner clair;
create database clair owner clair;
