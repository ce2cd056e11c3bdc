-- The user of the database that the page works as: it adds to the audit trail and cannot change it, nor the triggers
-- that protect it. The owner of the tables runs this after each `text2mdt review upgrade`:
--   psql -v password=... -f deploy/app_role.sql postgresql://owner@db.example/reviews
-- Without a password the one that the user has stays.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE text2mdt_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'text2mdt_app') \gexec
\if :{?password}
ALTER ROLE text2mdt_app PASSWORD :'password';
\endif
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO text2mdt_app;
REVOKE INSERT ON review_schema FROM text2mdt_app;
GRANT UPDATE ON person, document, extraction, extraction_text, extraction_warning, passage, trail_head TO text2mdt_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO text2mdt_app;
