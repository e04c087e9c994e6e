//! Invitations and approvals.

use donghanh_shared::access::Role;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ApprovalId, DocumentId, PersonId, PlaceId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteStore;
use super::accounts::{add_person, begin_session, memberships};
use super::pool::Transaction;
use crate::store::invitations::{
    Approval, Erasure, Invitations, Invited, NewApproval, NewInvitation, RoleAt,
};
use crate::store::{Key, NewPerson, NewSession, Pending, StoreError};

impl Invitations for SqliteStore {
    fn invite(&self, added: Option<NewPerson>, invitation: NewInvitation) -> Pending<'_, ()> {
        self.write(move |tx| {
            if let Some(person) = &added {
                add_person(tx, person, invitation.at)?;
            }
            invite(tx, &invitation)
        })
    }

    fn invited(&self, token: [u8; 32], now: Millis) -> Pending<'_, Option<Invited>> {
        self.read(move |db| invited(db, token, now))
    }

    fn use_invitation(&self, token: [u8; 32], person: Key, now: Millis) -> Pending<'_, bool> {
        self.write(move |tx| Ok(use_up(tx, token, Some(person), now)?.is_some()))
    }

    fn join(&self, token: [u8; 32], session: NewSession, password: Option<String>) -> Pending<'_, bool> {
        self.write(move |tx| {
            let Some(person) = use_up(tx, token, None, session.at)? else { return Ok(false) };
            begin_session(tx, &NewSession { person, ..session }, true)?;
            if let Some(hash) = password {
                tx.prepare_cached("UPDATE person SET password = ?2 WHERE id = ?1")?
                    .execute(params![person, hash])?;
            }
            Ok(true)
        })
    }

    fn taken(&self, names: Vec<String>) -> Pending<'_, Vec<bool>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("SELECT 1 FROM person WHERE sign_in = ?1")?;
            names.iter().map(|name| Ok(query.exists([name])?)).collect()
        })
    }

    fn ask_approval(&self, asked: NewApproval) -> Pending<'_, ()> {
        self.write(move |tx| ask(tx, &asked))
    }

    fn approvals(&self) -> Pending<'_, Vec<Approval>> {
        self.read(approvals)
    }

    fn decide_approval(&self, approval: ApprovalId, by: Key, granted: bool, at: Millis) -> Pending<'_, bool> {
        self.write(move |tx| {
            let decided = tx
                .prepare_cached(
                    "UPDATE approval SET decided_by = ?2, granted = ?3, decided_at = ?4
                     WHERE approval = ?1 AND decided_at IS NULL",
                )?
                .execute(params![approval.0, by, granted, at])?;
            Ok(decided == 1)
        })
    }
}

fn invite(tx: &Transaction<'_>, invitation: &NewInvitation) -> Result<(), StoreError> {
    let person: Key = tx
        .prepare_cached("SELECT id FROM person WHERE person = ?1 AND closed_at IS NULL")?
        .query_row([invitation.person.0], |row| row.get(0))
        .optional()?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    tx.prepare_cached(
        "UPDATE invitation SET ended_at = ?2 WHERE person = ?1 AND used_at IS NULL AND ended_at IS NULL",
    )?
    .execute(params![person, invitation.at])?;
    tx.prepare_cached(
        "INSERT INTO invitation (token, person, made_by, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        invitation.token,
        person,
        invitation.made_by,
        invitation.at,
        invitation.expires_at
    ])?;
    Ok(())
}

fn invited(db: &Connection, token: [u8; 32], now: Millis) -> Result<Option<Invited>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT person.id, person.person, person.full_name FROM invitation JOIN person ON person.id = invitation.person
             WHERE token = ?1 AND used_at IS NULL AND ended_at IS NULL AND expires_at > ?2 AND closed_at IS NULL",
        )?
        .query_row(params![token, now], |row| {
            Ok(Invited {
                key: row.get(0)?,
                person: PersonId(row.get(1)?),
                full_name: row.get(2)?,
                memberships: Vec::new(),
            })
        })
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(Invited { memberships: memberships(db, found.key)?, ..found }))
}

/// Uses an invitation up, of this person alone when one is named, and answers with whom it was for.
fn use_up(
    tx: &Transaction<'_>,
    token: [u8; 32],
    person: Option<Key>,
    now: Millis,
) -> Result<Option<Key>, StoreError> {
    let used = tx
        .prepare_cached(
            "UPDATE invitation SET used_at = ?2 WHERE token = ?1 AND used_at IS NULL AND ended_at IS NULL
                AND expires_at > ?2 AND person = COALESCE(?3, person) RETURNING person",
        )?
        .query_row(params![token, now, person], |row| row.get(0))
        .optional()?;
    Ok(used)
}

fn ask(tx: &Transaction<'_>, asked: &NewApproval) -> Result<(), StoreError> {
    let role = asked.role.as_ref();
    let erasure = asked.erasure;
    let ward = role.and_then(|role| role.ward).or(erasure.map(|of| of.ward)).map(|ward| ward.to_string());
    let organisation = role.and_then(|role| role.organisation.as_ref()).map(ToString::to_string);
    let place = role.and_then(|role| role.place).map(|place| place.0);
    let code = role.map(|role| role.role.code());
    tx.prepare_cached(
        "INSERT INTO approval (approval, kind, person, asked_by, asked_at, role, ward, organisation, place, document, reason)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
         WHERE NOT EXISTS (SELECT 1 FROM approval WHERE kind = ?2 AND (person = ?3 OR document = ?10)
             AND role IS ?6 AND ward IS ?7 AND organisation IS ?8 AND place IS ?9 AND document IS ?10
             AND decided_at IS NULL)",
    )?
    .execute(params![
        asked.approval.0,
        asked.kind,
        asked.about,
        asked.by,
        asked.at,
        code,
        ward,
        organisation,
        place,
        erasure.map(|of| of.case.0),
        erasure.map(|of| of.reason.code())
    ])?;
    Ok(())
}

fn approvals(db: &Connection) -> Result<Vec<Approval>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT approval, approval.kind, about.id, about.person, about.full_name, asker.id, asker.person, asker.full_name, asked_at,
            role, approval.ward, approval.organisation, approval.place, approval.document, reason, document.created_at
         FROM approval JOIN person AS about ON about.id = approval.person
             JOIN person AS asker ON asker.id = approval.asked_by
             LEFT JOIN document ON document.document = approval.document
         WHERE decided_at IS NULL ORDER BY approval.id",
    )?;
    let rows = query.query_and_then([], |row| {
        let optional = |column: usize| row.get::<_, Option<String>>(column);
        let role = match optional(9)? {
            Some(code) => Some(RoleAt {
                role: Role::parse(&code)?,
                ward: optional(10)?.map(|text| text.parse()).transpose()?,
                organisation: optional(11)?.map(|text| text.parse()).transpose()?,
                place: row.get::<_, Option<[u8; 16]>>(12)?.map(PlaceId),
            }),
            None => None,
        };
        let erasure = match (row.get::<_, Option<[u8; 16]>>(13)?, optional(14)?, optional(10)?) {
            (Some(case), Some(reason), Some(ward)) => Some(Erasure {
                case: DocumentId(case),
                ward: ward.parse()?,
                reason: ErasureReason::parse(&reason)?,
                created_at: row.get(15)?,
            }),
            _ => None,
        };
        Ok(Approval {
            approval: ApprovalId(row.get(0)?),
            kind: row.get(1)?,
            role,
            erasure,
            person_key: row.get(2)?,
            person: PersonId(row.get(3)?),
            person_name: row.get(4)?,
            asked_by_key: row.get(5)?,
            asked_by: PersonId(row.get(6)?),
            asked_by_name: row.get(7)?,
            asked_at: row.get(8)?,
        })
    })?;
    rows.collect()
}
