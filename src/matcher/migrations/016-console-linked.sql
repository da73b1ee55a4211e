-- Whether the vulnerable code is in the program, as a finding of a report has it; null: no source says which code it is.
alter table console_finding add column linked text;
