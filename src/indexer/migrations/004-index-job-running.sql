-- The jobs that somebody works on, to be counted among very many that wait.
create index index_job_running on index_job (owner) where owner is not null;
