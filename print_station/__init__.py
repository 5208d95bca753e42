"""The print, copy and scan station: a customer of the platform, as `kiosk.checkout` is."""
