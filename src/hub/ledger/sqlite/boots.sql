-- Boots of devices by the hub's clock: they place what was done in them, whatever a device's wall clock says.
CREATE TABLE device_boot (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    boot TEXT NOT NULL,
    began_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    PRIMARY KEY (site, device, boot),
    FOREIGN KEY (site, device) REFERENCES device (site, device)
) STRICT, WITHOUT ROWID;
