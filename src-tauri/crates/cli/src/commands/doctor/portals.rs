//! Whether each portal is there and speaks its protocol.

use agent::probe::PortalSeen;
use agent::settings::Portal;
use ipc::message::Failure;

use super::finding::Finding;

const PART: &str = "portal";

pub(super) fn check(portals: &[Portal], seen: &[Result<PortalSeen, Failure>]) -> Vec<Finding> {
    portals
        .iter()
        .zip(seen)
        .map(|(portal, seen)| of(portal, seen).about(&portal.name))
        .collect()
}

fn of(portal: &Portal, seen: &Result<PortalSeen, Failure>) -> Finding {
    match seen {
        Ok(_) => {
            let url = portal.start_url.url();
            Finding::ok(PART, format!("{url} answers as a portal does."))
        }
        Err(Failure {
            message, next_step, ..
        }) => Finding::wrong(PART, message, next_step),
    }
}

#[cfg(test)]
mod tests {
    use agent::settings::ConsoleLink;
    use ipc::message::Code;
    use time::OffsetDateTime;

    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn each_portal_has_a_line_with_its_session() {
        let portal = |name: &str| Portal {
            name: name.into(),
            start_url: format!("https://{name}.awsapps.com/start").parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            console: ConsoleLink::default(),
            share_sign_in: false,
            endpoints: Default::default(),
        };
        let seen = PortalSeen {
            date: None,
            received: OffsetDateTime::UNIX_EPOCH,
        };
        let down = Failure {
            code: Code::PortalUnreachable,
            message: "It is not reached.".into(),
            next_step: "Check.".into(),
        };
        let found = check(&[portal("acme"), portal("sandbox")], &[Ok(seen), Err(down)]);
        let of = |at: usize| (found[at].subject.as_deref(), found[at].outcome);
        assert_eq!(of(0), (Some("acme"), Outcome::Ok));
        assert_eq!(of(1), (Some("sandbox"), Outcome::Wrong));
        assert_eq!(found[1].message, "It is not reached.");
    }
}
