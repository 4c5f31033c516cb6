//! `projects/`, `environments/`, `users/@me/`.

use persons_api::{Me, Page, Project};

use crate::server::Server;

#[tokio::test]
async fn there_is_one_project() {
    let server = Server::new();
    let answer = server.get("/api/projects/").await;
    let page: Page<Project> = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!((page.count, page.results.len()), (Some(1), 1));
    assert_eq!(
        page.results[0].api_token,
        server.app.project.info().api_token
    );
}

#[tokio::test]
async fn the_project_is_found_by_number_and_as_the_current_one() {
    let server = Server::new();
    let current = server.get("/api/projects/@current/").await.json();
    assert_eq!(current["id"], server.project());
    for path in [
        format!("/api/projects/{}", server.project()),
        "/api/environments/@current/".into(),
    ] {
        assert_eq!(server.get(&path).await.json(), current, "{path}");
    }
    let names = current["person_display_name_properties"]
        .as_array()
        .map(Vec::len);
    assert!(names.is_some_and(|count| count > 0));
}

#[tokio::test]
async fn the_one_who_asks_is_the_key() {
    let server = Server::new();
    let answer = server.get("/api/users/@me/").await;
    let me: Me = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(me.first_name, "PERSONS_API_KEY");
    assert_eq!(me.team.map(|team| team.id), Some(server.project()));
    assert_eq!(
        answer.json()["organization"]["id"],
        server.app.project.info().organization.to_string()
    );
}
