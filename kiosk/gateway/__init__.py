"""The library's end of the uplink: keeps what machines tell, answers what they ask, and does it in the library system.

Read in this order. `service` puts the tasks on a hub. `ingest` keeps journals (`arrivals`: chain and forks, pure;
`told`: what a record means for its key) and gives receipts. `desk` answers questions: `patrons`, `snapshot`, and
effects, which `applier` does in the library system, one attempt at a time, and `money` in a wallet. `settler` pays
what is owed to keys: lost answers (judged in `deeds`, pure), cancelled loans, and events that machines decided alone,
which go to the custody line of their item (`custody` and `line`, pure; `lines`, rows and messages). `keeper` holds the
lease, the day keys and the clock of what must not wait for ever. `tasks` is what people are asked; `audit` proves
that journals, ledger and library system agree.

    config.load(path) -> GatewayConfig
    service.run_gateway(config, hub=, bus=, ils=, ledger=, signer=, cards=, site_secret=, rng=) -> Gateway
    audit.audit(journals, ledger, books) -> Audit
"""
