-- For which Organization a user acts: the policy variable %organization.
alter table auth.users add column organization text;
