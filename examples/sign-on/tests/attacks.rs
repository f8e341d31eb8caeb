//! Every attack on the page ends as the page says it should.

#[tokio::test]
async fn every_attack_ends_as_expected() {
    let rows = sign_on::attacks::run().await.expect("the attacks are carried out");
    let broken: Vec<_> = rows
        .iter()
        .filter(|row| !row.held())
        .map(|row| format!("{}: {} not {}", row.id, row.said, row.expected))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let mut ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert!(ids.len() >= 30);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rows.len());
}
