//! What messages promise: their limits, what an answer means for the outbox, and that nothing is read which is not whole.

use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, InstanceId};
use donghanh_shared::sync::wire::{self, Answer, PushAnswer, PushRequest, http_status};

/// Bytes that hardly pack.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn the_limits_of_messages_are_the_agreed_ones() {
    assert_eq!((wire::MAX_PUSH_BODY, wire::MAX_PUSH_UNPACKED), (1_048_576, 8_388_608));
    assert_eq!((wire::MAX_PULL_REQUEST, wire::MAX_PAGE), (65_536, 4_194_304));
}

#[test]
fn only_what_the_server_keeps_leaves_the_outbox() {
    for kept in [Answer::Ok(0), Answer::Duplicate, Answer::Parked("late".into())] {
        assert!(kept.is_kept(), "{kept:?}");
    }
    for open in [Answer::MissingDependencies, Answer::refused(Code::NotAllowed), Answer::RetryLater] {
        assert!(!open.is_kept(), "{open:?}");
    }
}

#[test]
fn a_refusal_says_its_code_and_the_status_that_fits() {
    let refused = Answer::refused(Code::DocumentErased);
    assert_eq!(refused, Answer::Refused { code: "document_erased".into(), status: 410 });
}

#[test]
fn every_code_has_the_status_that_says_whose_turn_it_is() {
    let expected = [
        (400, &[Code::BodyMalformed][..]),
        (
            401,
            &[
                Code::NotSignedIn,
                Code::SignInWrong,
                Code::DeviceRevoked,
                Code::CodeNeeded,
                Code::CodeWrong,
                Code::PinWrong,
            ],
        ),
        (403, &[Code::NotAllowed, Code::ActorForeign, Code::SealedForged, Code::CodeSetUpNeeded]),
        (404, &[Code::NotFound, Code::DocumentUnknown, Code::InvitationInvalid]),
        (408, &[Code::TooSlow]),
        (
            409,
            &[
                Code::SecondPersonNeeded,
                Code::OtherInstance,
                Code::AlreadySetUp,
                Code::DocumentExists,
                Code::DependsOnRefused,
            ],
        ),
        (410, &[Code::DocumentErased]),
        (
            413,
            &[
                Code::BodyTooLarge,
                Code::ChangeTooLarge,
                Code::DocumentTooLarge,
                Code::PhotoTooLarge,
                Code::HandOverFull,
            ],
        ),
        (415, &[Code::ContentTypeWrong]),
        (426, &[Code::VersionUnsupported]),
        (429, &[Code::TooManyAttempts]),
        (500, &[Code::Internal]),
        (503, &[Code::Busy]),
    ];
    for code in Code::ALL {
        let status =
            expected.iter().find(|(_, codes)| codes.contains(code)).map_or(422, |(status, _)| *status);
        assert_eq!(http_status(*code), status, "{code:?}");
    }
}

#[test]
fn a_message_is_read_whole_or_not_at_all() {
    let answer = PushAnswer { epoch: 3, answers: vec![Answer::Ok(5), Answer::RetryLater] };
    let bytes = wire::to_bytes(&answer);
    assert_eq!(wire::from_bytes::<PushAnswer>(&bytes), Ok(answer));
    let code = |bytes: &[u8]| wire::from_bytes::<PushAnswer>(bytes).err().map(|problem| problem.code);
    for cut in 0..bytes.len() {
        assert_eq!(code(&bytes[..cut]), Some(Code::BodyMalformed), "cut at {cut}");
    }
    assert_eq!(code(&[&bytes[..], &[0]].concat()), Some(Code::BodyMalformed), "something follows");
}

#[test]
fn what_is_deflated_inflates_to_the_same_up_to_the_limit_and_not_beyond() {
    for body in [Vec::new(), vec![0; 100_000], noise(100_000)] {
        let packed = wire::deflate(&body);
        assert_eq!(wire::inflate(&packed, body.len()).as_deref(), Ok(&body[..]), "just fits");
        let Some(less) = body.len().checked_sub(1) else { continue };
        let refused = wire::inflate(&packed, less).map_err(|problem| problem.code);
        assert_eq!(refused, Err(Code::BodyTooLarge));
    }
    assert!(wire::deflate(&vec![0; 100_000]).len() < 1_000, "it is smaller");
}

#[test]
fn a_body_that_is_cut_or_no_zlib_stream_is_malformed() {
    let packed = wire::deflate(&noise(1_000));
    for damaged in [&packed[..packed.len() - 1], &packed[..packed.len() / 2], &[0xff, 0x00][..]] {
        let refused = wire::inflate(damaged, 10_000).map_err(|problem| problem.code);
        assert_eq!(refused, Err(Code::BodyMalformed));
    }
}

#[test]
fn a_bomb_is_not_unpacked_beyond_its_limit() {
    let bomb = wire::deflate(&vec![0; 8 << 20]);
    assert!(bomb.len() < 20_000);
    // Whatever follows the limit is not even looked at: here it is missing.
    let refused = wire::inflate(&bomb[..bomb.len() / 2], 1_000).map_err(|problem| problem.code);
    assert_eq!(refused, Err(Code::BodyTooLarge));
}

#[test]
fn a_batch_of_another_message_does_not_read() {
    let request = PushRequest {
        version: wire::PROTOCOL,
        instance: InstanceId([1; 16]),
        device: DeviceId([2; 16]),
        epoch: 3,
        batch: 4,
        items: Vec::new(),
    };
    assert!(wire::from_bytes::<PushAnswer>(&wire::to_bytes(&request)).is_err());
}
