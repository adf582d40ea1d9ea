-- Every table is only ever added to: package registry puts triggers on them
-- that refuse UPDATE and DELETE (内政办字〔2018〕56号, article 17). Times are
-- milliseconds since 1970 in UTC. {blob} and {serial} are the types of the dialect.

CREATE TABLE events (
	seq         {serial},
	time        BIGINT NOT NULL,
	action      TEXT   NOT NULL,
	seal_id     TEXT,
	division    TEXT,
	status      TEXT,
	since       BIGINT,
	who         TEXT   NOT NULL CHECK (who <> ''),
	why         TEXT   NOT NULL CHECK (why <> ''),
	application TEXT   NOT NULL CHECK (application <> ''),
	detail      TEXT   NOT NULL
);
CREATE INDEX events_of_seal ON events (seal_id, seq);

CREATE TABLE departments (
	division  TEXT   PRIMARY KEY,
	name      TEXT   NOT NULL,
	maker_sm3 TEXT   NOT NULL UNIQUE,
	event     BIGINT NOT NULL REFERENCES events (seq)
);

CREATE TABLE certificates (
	sm3        TEXT   PRIMARY KEY,
	authority  TEXT   NOT NULL,
	serial     TEXT   NOT NULL,
	key_sm3    TEXT   NOT NULL,
	unit       TEXT   NOT NULL,
	person     TEXT   NOT NULL,
	der        {blob} NOT NULL,
	not_before BIGINT NOT NULL,
	not_after  BIGINT NOT NULL,
	event      BIGINT NOT NULL REFERENCES events (seq)
);
CREATE INDEX certificates_of_authority ON certificates (authority, serial);
CREATE INDEX certificates_of_key ON certificates (key_sm3);

CREATE TABLE revocations (
	cert_sm3 TEXT   PRIMARY KEY REFERENCES certificates (sm3),
	time     BIGINT NOT NULL,
	reason   BIGINT NOT NULL,
	event    BIGINT NOT NULL REFERENCES events (seq)
);

CREATE TABLE seals (
	id         TEXT   PRIMARY KEY,
	sm3        TEXT   NOT NULL UNIQUE,
	der        {blob} NOT NULL,
	name       TEXT   NOT NULL,
	unit       TEXT   NOT NULL,
	unit_kind  TEXT   NOT NULL,
	division   TEXT   NOT NULL,
	issuer     TEXT   NOT NULL REFERENCES departments (division),
	cert_sm3   TEXT   NOT NULL REFERENCES certificates (sm3),
	valid_from BIGINT NOT NULL,
	valid_to   BIGINT NOT NULL,
	replaces   TEXT   UNIQUE REFERENCES seals (id),
	event      BIGINT NOT NULL REFERENCES events (seq)
);
CREATE INDEX seals_of_certificate ON seals (cert_sm3);

CREATE TABLE anchors (
	sm3          TEXT   NOT NULL,
	purpose      TEXT   NOT NULL,
	intermediate BIGINT NOT NULL,
	der          {blob} NOT NULL,
	event        BIGINT NOT NULL REFERENCES events (seq),
	PRIMARY KEY (purpose, sm3)
);

CREATE TABLE foreign_crls (
	sm3   TEXT   PRIMARY KEY,
	der   {blob} NOT NULL,
	event BIGINT NOT NULL REFERENCES events (seq)
);

CREATE TABLE bundles (
	number   BIGINT PRIMARY KEY,
	manifest TEXT   NOT NULL,
	issued   BIGINT NOT NULL,
	expires  BIGINT NOT NULL,
	size     BIGINT NOT NULL,
	event    BIGINT NOT NULL REFERENCES events (seq)
);

CREATE TABLE clients (
	fingerprint TEXT   PRIMARY KEY,
	name        TEXT   NOT NULL,
	transport   TEXT   NOT NULL,
	not_after   BIGINT NOT NULL,
	event       BIGINT NOT NULL REFERENCES events (seq)
);
CREATE TABLE clients_disabled (
	fingerprint TEXT   PRIMARY KEY REFERENCES clients (fingerprint),
	event       BIGINT NOT NULL REFERENCES events (seq)
);

CREATE TABLE verifications (
	id          TEXT   PRIMARY KEY,
	request_id  TEXT   NOT NULL UNIQUE,
	request_sm3 TEXT   NOT NULL,
	client      TEXT   NOT NULL,
	time        BIGINT NOT NULL,
	seal_id     TEXT   NOT NULL,
	verdict     TEXT   NOT NULL,
	reasons     TEXT   NOT NULL,
	receipt     {blob} NOT NULL,
	bundle      BIGINT NOT NULL
);
CREATE INDEX verifications_of_seal ON verifications (seal_id, time);

CREATE TABLE checkpoints (
	register TEXT   NOT NULL,
	size     BIGINT NOT NULL,
	head     TEXT   NOT NULL,
	signer   TEXT   NOT NULL,
	time     BIGINT NOT NULL,
	der      {blob} NOT NULL,
	client   TEXT   NOT NULL,
	received BIGINT NOT NULL,
	PRIMARY KEY (register, size)
);
