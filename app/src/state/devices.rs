//! Phones, invitations, the access log, what phones that were taken off handed over: lists of the server, for whoever
//! may see them. Nothing of them is kept on the phone.

use donghanh_shared::access::Role;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DeviceId, DocumentId, PersonId, PlaceId};
use serde::{Deserialize, Serialize};

use super::AppState;
use crate::sync::transport::read;

/// Somebody, by name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Named {
    /// The person.
    pub id: PersonId,
    /// The name.
    pub name: String,
}

/// A phone or another device.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct DeviceLine {
    /// The device.
    pub id: DeviceId,
    /// What its person calls it.
    pub name: String,
    /// Whose it is.
    pub person: Named,
    /// Whether it is mine.
    pub mine: bool,
    /// Whether it is this one.
    pub this: bool,
    /// When it joined.
    pub created_at: Millis,
    /// When the server last heard of it.
    #[serde(default)]
    pub last_seen_at: Option<Millis>,
    /// Records that wait on it, as it last said.
    #[serde(default)]
    pub waiting: Option<u64>,
    /// When it was taken off.
    #[serde(default)]
    pub revoked_at: Option<Millis>,
    /// When it said that it is empty.
    #[serde(default)]
    pub wiped_at: Option<Millis>,
    /// Items it handed over.
    #[serde(default)]
    pub handed_over: u64,
}

/// A role as somebody gives it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RoleAt {
    /// Role.
    pub role: Role,
    /// Its ward.
    pub ward: Option<WardRef>,
    /// Its organisation.
    pub organisation: Option<OrganisationId>,
    /// The school of a contact person.
    pub place: Option<PlaceId>,
}

/// Whom to invite.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct NewInvitation {
    /// Full name.
    pub full_name: String,
    /// Role.
    pub role: Role,
    /// Ward of the role.
    pub ward: Option<WardRef>,
    /// Organisation of the role.
    pub organisation: Option<OrganisationId>,
    /// The school of a contact person.
    pub place: Option<PlaceId>,
}

/// An invitation, shown once.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Invitation {
    /// The name to sign in with.
    pub name: String,
    /// The link, without the address of the server.
    pub path: String,
    /// The link as a picture (SVG); it only holds the path when the server does not know its address.
    pub qr_svg: String,
    /// Until when it is good.
    pub expires_at: Millis,
}

/// What waits for a second person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Approval {
    /// Its identity.
    pub id: String,
    /// The role asked for, when it is about one.
    #[serde(default)]
    pub role: Option<Role>,
    /// Its ward.
    #[serde(default)]
    pub ward: Option<WardRef>,
    /// Why a case is to be erased, when it is about one.
    #[serde(default)]
    pub reason: Option<ErasureReason>,
    /// When that case was created.
    #[serde(default)]
    pub case_created_at: Option<Millis>,
    /// About whom.
    pub person: Named,
    /// Who asked.
    pub asked_by: Named,
    /// When.
    pub asked_at: Millis,
}

/// What a phone that was taken off handed over, or an edit of somebody whose right had ended.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct HandedOver {
    /// Its number.
    pub id: u64,
    /// Who had written it.
    pub person: Named,
    /// When it arrived.
    pub received: Millis,
    /// The kind of record, when it is known.
    #[serde(default)]
    pub kind: Option<String>,
    /// The record, when it is part of one.
    #[serde(default)]
    pub document: Option<String>,
    /// What became of it.
    #[serde(default)]
    pub decided: Option<String>,
    /// Why it waits; absent from a server of before, which had only what phones handed over.
    #[serde(default)]
    pub reason: Reason,
}

/// A record in which colleagues' phones brought back what others wrote, after the server was put back.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Recovered {
    /// The record.
    pub document: DocumentId,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Whose phones brought it.
    pub brought_by: Vec<String>,
    /// How many edits.
    pub changes: u64,
    /// When the last of them came.
    pub at: Millis,
    /// The last of them by the server's number, to be said when it was seen.
    pub upto: i64,
}

#[derive(Serialize)]
struct Seen<'a> {
    records: Vec<SeenRecord<'a>>,
}

#[derive(Serialize)]
struct SeenRecord<'a> {
    document: &'a DocumentId,
    upto: i64,
}

/// Why something waits for a supervisor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The phone was taken off.
    #[default]
    DeviceRevoked,
    /// Who made the edit had no right to it any more.
    RightEnded,
}

/// A line of the access log.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Millis,
    /// What: a code.
    pub kind: String,
    /// Who.
    #[serde(default)]
    pub person: Option<Named>,
    /// Whom it concerns.
    #[serde(default)]
    pub about: Option<Named>,
    /// A code or a count.
    #[serde(default)]
    pub note: String,
}

#[derive(Serialize)]
struct Decision<'a> {
    ids: &'a [u64],
    take: bool,
}

#[derive(Serialize)]
struct Grant {
    grant: bool,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    invitation: Option<Invitation>,
}

#[derive(Serialize)]
struct Passwords {
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    new: String,
}

impl AppState {
    /// The devices I may see.
    ///
    /// # Errors
    /// `no_connection`, `not_signed_in`.
    pub async fn devices(self) -> Result<Vec<DeviceLine>, Problem> {
        self.engine()?.transport.get("/api/v1/devices").await
    }

    /// Takes a device off.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn revoke_device(self, device: DeviceId) -> Result<(), Problem> {
        self.engine()?.transport.post(&format!("/api/v1/devices/{device}/revoke"), &()).await.map(drop)
    }

    /// Invites somebody new.
    ///
    /// # Errors
    /// What the server says about a field; `not_allowed`, `no_connection`.
    pub async fn invite(self, whom: NewInvitation) -> Result<Invitation, Problem> {
        read(self.engine()?.transport.post("/api/v1/invitations", &whom).await?.as_bytes())
    }

    /// Invites somebody again who has an account.
    ///
    /// # Errors
    /// `second_person_needed`, `not_allowed`, `no_connection`.
    pub async fn invite_again(self, person: PersonId) -> Result<Invitation, Problem> {
        let path = format!("/api/v1/people/{person}/invitations");
        read(self.engine()?.transport.post(&path, &()).await?.as_bytes())
    }

    /// Gives somebody another role in place of the one they hold.
    ///
    /// # Errors
    /// `second_person_needed`, `not_allowed`, `field_missing`, `no_connection`.
    pub async fn change_role(self, person: PersonId, role: &RoleAt) -> Result<(), Problem> {
        self.engine()?.transport.put(&format!("/api/v1/people/{person}/role"), role).await.map(drop)
    }

    /// Ends what somebody may do; their phones hand over and are empty at their next contact.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn end_access(self, person: PersonId) -> Result<(), Problem> {
        self.engine()?.transport.delete(&format!("/api/v1/people/{person}/role")).await.map(drop)
    }

    /// What waits for a second person.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn approvals(self) -> Result<Vec<Approval>, Problem> {
        self.engine()?.transport.get("/api/v1/approvals").await
    }

    /// Grants or refuses it.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn decide_approval(self, id: &str, grant: bool) -> Result<Option<Invitation>, Problem> {
        let path = format!("/api/v1/approvals/{id}");
        let told = self.engine()?.transport.post(&path, &Grant { grant }).await?;
        read::<Granted>(told.as_bytes()).map(|granted| granted.invitation)
    }

    /// What phones that were taken off handed over.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn handed_over(self) -> Result<Vec<HandedOver>, Problem> {
        self.engine()?.transport.get("/api/v1/handed-over").await
    }

    /// Takes these in, or leaves them out.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn decide_handed_over(self, ids: &[u64], take: bool) -> Result<(), Problem> {
        self.engine()?.transport.post("/api/v1/handed-over", &Decision { ids, take }).await.map(drop)
    }

    /// What colleagues' phones brought back after the server was put back, and nobody in charge has seen.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn recovered(self) -> Result<Vec<Recovered>, Problem> {
        self.engine()?.transport.get("/api/v1/recovered").await
    }

    /// Notes that these were seen.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn see_recovered(self, seen: &[Recovered]) -> Result<(), Problem> {
        let records = seen.iter().map(|one| SeenRecord { document: &one.document, upto: one.upto });
        let seen = Seen { records: records.collect() };
        self.engine()?.transport.post("/api/v1/recovered", &seen).await.map(drop)
    }

    /// A page of the access log, newest first.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn access_log(self, words: &str, kind: &str) -> Result<Vec<LogLine>, Problem> {
        let encoded = |text: &str| String::from(js_sys::encode_uri_component(text));
        let path = format!("/api/v1/audit?q={}&kind={}", encoded(words), encoded(kind));
        self.engine()?.transport.get(&path).await
    }

    /// Sets another account password.
    ///
    /// # Errors
    /// `sign_in_wrong`, `password_too_short`, `no_connection`.
    pub async fn change_password(self, old: Option<String>, new: String) -> Result<(), Problem> {
        self.engine()?.transport.put("/api/v1/me/password", &Passwords { old, new }).await
    }

    /// Whether the phone's own lock can keep a secret.
    pub async fn has_own_lock(self) -> bool {
        crate::kdf::has_own_lock().await
    }
}
