"""PN532 card readers on a serial wire (NXP UM0701-02), spoken by ourselves: the default card reader."""
