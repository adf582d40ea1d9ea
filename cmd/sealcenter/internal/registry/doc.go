// Package registry is the store of the centre: departments, seals and what
// became of them, certificates, bundles, verifications and checkpoints. It runs
// on SQLite and on PostgreSQL through the same statements. Rows are only ever
// added; the database itself refuses to change or delete one (内政办字〔2018〕56号,
// article 17). The present state of a seal is that of its latest event.
package registry
