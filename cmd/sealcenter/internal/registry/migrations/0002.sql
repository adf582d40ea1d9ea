-- Whether a seal signature has been found valid before.
CREATE INDEX verifications_of_request ON verifications (request_sm3, time);
