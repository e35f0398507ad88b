//! One mail on its way: to the SMTP server, or into the outbox.

use std::{path::Path, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use secrecy::ExposeSecret;

use super::{Mail, MailError};
use crate::{
    Portal,
    config::{Smtp, SmtpSecurity},
    store,
};

/// How long the server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the mail, or writes it to the outbox.
pub(super) async fn deliver(portal: &Portal, id: &str, mail: &Mail) -> Result<(), MailError> {
    let message = composed(portal, mail)?;
    match &portal.config().smtp {
        Some(smtp) => {
            transport(smtp)?.send(message).await?;
            Ok(())
        }
        None => {
            put_out(portal.outbox(), &file_name(id, mail), &message.formatted()).map_err(|source| {
                MailError::Outbox {
                    folder: portal.outbox().display().to_string(),
                    source,
                }
            })
        }
    }
}

fn composed(portal: &Portal, mail: &Mail) -> Result<Message, MailError> {
    let to: Address = parsed(&mail.to)?;
    let from = match &portal.config().smtp {
        Some(smtp) => parsed(&smtp.from)?,
        None => parsed("vestibule@localhost")?,
    };
    let message = Message::builder()
        .from(Mailbox::new(Some("Vestibule".to_owned()), from))
        .to(Mailbox::new(None, to))
        .subject(&mail.subject)
        .date(portal.now().into())
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.expose_secret().to_owned())?;
    Ok(message)
}

fn parsed(address: &str) -> Result<Address, MailError> {
    address.parse().map_err(|source| MailError::Address {
        address: address.to_owned(),
        source,
    })
}

fn transport(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    type Transport = AsyncSmtpTransport<Tokio1Executor>;
    let mut builder = match smtp.security {
        SmtpSecurity::Tls => Transport::relay(&smtp.host)?,
        SmtpSecurity::Starttls => Transport::starttls_relay(&smtp.host)?,
        SmtpSecurity::None => Transport::builder_dangerous(&smtp.host),
    };
    if let Some(port) = smtp.port {
        builder = builder.port(port);
    }
    if let Some((user, password)) = &smtp.credentials {
        let password = password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

/// By which an administrator finds the mail for somebody.
fn file_name(id: &str, mail: &Mail) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "@.-_".contains(c) {
            c
        } else {
            '_'
        }
    };
    let to: String = mail.to.chars().map(plain).take(100).collect();
    format!("{to} {id}.eml")
}

fn put_out(outbox: &Path, name: &str, message: &[u8]) -> std::io::Result<()> {
    store::create_private_dir(outbox)?;
    store::write_private(&outbox.join(name), message)
}
