-- Which packages and functions an advisory is about, where its feed says it: JSON as readVulnerableCode reads it.

alter table advisory add column code text;
