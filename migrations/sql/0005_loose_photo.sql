-- Pictures that came before the record that lists them: out of a rescue file, or from a device that was taken away. Each
-- goes to its record as soon as there is one.

CREATE TABLE loose_photo (
    photo    BLOB    PRIMARY KEY,            -- PhotoId: SHA-256 of the sealed picture, found right
    device   INTEGER NOT NULL REFERENCES device,
    received INTEGER NOT NULL,
    bytes    BLOB    NOT NULL                -- sealed by the phone; what opens it stands in the record
) STRICT;
CREATE INDEX loose_photo_by_device ON loose_photo (device);
