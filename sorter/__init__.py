"""The 24-hour return-and-sort machine: a customer of the platform, as `kiosk.checkout` is."""
