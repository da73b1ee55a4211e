-- Runs at the first start of clair-database: one database per service, and one for mode combo.
create user clair;
create database indexer owner clair;
create database matcher owner clair;
create database notifier owner clair;
create database clair owner clair;
