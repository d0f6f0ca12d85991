//! ERASE.

use almanac_protocol::erasure::{EraseOrder, EraseReceipt, order_hash};
use almanac_protocol::ids::{RelayEpoch, VerifyKey};
use almanac_protocol::membership::Role;
use almanac_protocol::message::{Erase, Message, Reason};
use minicbor::bytes::ByteVec;

use crate::sharing::stage::{InviteKey, LATER_MS, Stage};
use crate::world::{Person, Socket, World};

async fn epoch_and_key(world: &World, person: &Person) -> (RelayEpoch, VerifyKey) {
    let mut socket = world.connect().await;
    let challenge = socket.hello(Some(person), &world.origin()).await;
    let mut socket = world.connect().await;
    let welcome = socket.enter(person, &world.origin()).await;
    let epoch = welcome.expect("a known device is welcome").relay_epoch;
    (epoch, challenge.relay_key)
}

fn order(epoch: RelayEpoch, of: &Person, by: &Person) -> Vec<u8> {
    EraseOrder {
        relay_epoch: epoch,
        account: of.account(),
        device: by.device,
    }
    .sign(by)
}

async fn erase(socket: &mut Socket, order: Vec<u8>) -> Result<Vec<u8>, Reason> {
    let request = socket.request();
    let order = ByteVec::from(order);
    socket.send(Erase { request, order }).await;
    loop {
        match socket.receive().await {
            Message::Erased(erased) => {
                assert_eq!(erased.request, request);
                return Ok(erased.receipt.to_vec());
            }
            Message::Nack(nack) => return Err(nack.reason),
            Message::LogGrew(_) => {}
            other => panic!("no answer: {other:?}"),
        }
    }
}

async fn is_known(world: &World, person: &Person) -> bool {
    let mut socket = world.connect().await;
    socket.hello(Some(person), &world.origin()).await.known
}

#[tokio::test]
async fn an_account_goes_with_all_it_had_and_may_come_back() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let bytes = ada.envelope(&calendar, 1);
    assert!(socket.push(&[bytes]).await.is_ok());
    let (epoch, key) = epoch_and_key(&world, &ada).await;
    let asked = order(epoch, &ada, &ada);
    let receipt = erase(&mut socket, asked.clone())
        .await
        .expect("it is erased");
    let receipt = EraseReceipt::verify(&receipt, &key).expect("the relay's word");
    assert_eq!(receipt.account, ada.account());
    assert_eq!(receipt.order, order_hash(&asked));
    let told = (receipt.calendars, receipt.kept, receipt.envelopes);
    assert_eq!(told, (1, 0, 1));
    assert!(!is_known(&world, &ada).await);
    let again = erase(&mut socket, asked).await;
    assert_eq!(again, Err(Reason::Forbidden), "nothing is left to say it");
    // With a new invite the same account comes back, to a relay that has nothing of it.
    let mut socket = world.register(&ada).await;
    let put = socket.put_link(calendar.log(), None, &calendar.genesis);
    assert!(put.await.is_ok());
    assert!(is_known(&world, &ada).await);
}

#[tokio::test]
async fn nobody_erases_the_account_of_another() {
    let world = World::start().await;
    let (ada, _, mut hers) = world.owner(1).await;
    let (eve, _, mut socket) = world.owner(2).await;
    let (epoch, _) = epoch_and_key(&world, &ada).await;
    let other_life = RelayEpoch::from_bytes([9; 16]);
    let cut = order(epoch, &eve, &eve);
    for (what, order, reason) in [
        (
            "Ada's own order, passed on",
            order(epoch, &ada, &ada),
            Reason::Forbidden,
        ),
        (
            "Ada's account, Eve's word",
            order(epoch, &ada, &eve),
            Reason::Forbidden,
        ),
        (
            "for another relay",
            order(other_life, &eve, &eve),
            Reason::Forbidden,
        ),
        ("cut off", cut[..cut.len() - 1].to_vec(), Reason::Malformed),
        ("nothing", Vec::new(), Reason::Malformed),
    ] {
        assert_eq!(erase(&mut socket, order).await, Err(reason), "{what}");
    }
    assert!(is_known(&world, &ada).await && is_known(&world, &eve).await);
    let own = order(epoch, &ada, &ada);
    assert!(erase(&mut hers, own).await.is_ok());
    assert!(is_known(&world, &eve).await, "and takes nobody with it");
}

#[tokio::test]
async fn what_others_are_in_stays_until_the_last_of_them_goes() {
    let mut stage = Stage::new().await;
    let (bob, mut his) = stage.person(2).await;
    let invite = InviteKey::new(7);
    stage.invite(&invite, Role::Editor, LATER_MS).await;
    stage.admit(&bob, Role::Editor, &invite).await;
    let (epoch, key) = epoch_and_key(&stage.world, &bob).await;
    let ada = stage.ada.clone();
    let receipt = erase(&mut stage.socket, order(epoch, &ada, &ada)).await;
    let receipt =
        EraseReceipt::verify(&receipt.expect("it is erased"), &key).expect("the relay's word");
    assert_eq!((receipt.calendars, receipt.kept), (0, 1));
    // Bob goes on writing, and can still read the log that judges Ada.
    let envelope = bob.envelope_of(
        &stage.calendar(),
        1,
        almanac_protocol::envelope::EnvelopeKind::Own,
        1,
        528,
    );
    assert_eq!(his.push(&[envelope]).await, Ok(vec![1]));
    let log = crate::sharing::stage::links(&mut his, ada.account()).await;
    assert_eq!(log.expect("he may read it").links.len(), 1);
    let receipt = erase(&mut his, order(epoch, &bob, &bob)).await;
    let receipt =
        EraseReceipt::verify(&receipt.expect("it is erased"), &key).expect("the relay's word");
    assert_eq!((receipt.calendars, receipt.envelopes), (1, 1));
}
