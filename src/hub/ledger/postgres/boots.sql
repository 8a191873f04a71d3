-- Boots of devices by the hub's clock: they place what was done in them, whatever a device's wall clock says.
CREATE TABLE device_boot (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    boot text COLLATE "C" NOT NULL,
    began_us bigint NOT NULL,
    last_us bigint NOT NULL,
    PRIMARY KEY (site, device, boot)
) WITH (fillfactor = 50);
