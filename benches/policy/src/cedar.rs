//! The same rules and questions for Cedar.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::Question;

/// Everything but the decision itself is made beforehand.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    asked: Vec<(Request, Entities)>,
}

impl Cedar {
    /// Paths as strings.
    pub fn like(count: usize, questions: &[Question]) -> Self {
        let policy = |at: usize| {
            let team = at / 10 * 10;
            match at % 10 {
                0 => format!(
                    r#"permit(principal in Group::"g{at}", action, resource) when {{ context.path like "/team{at}/*/reports/*" }};"#
                ),
                1 => format!(
                    r#"forbid(principal, action, resource) when {{ context.path like "/team{team}/secret*" }} unless {{ principal in Group::"g{at}" }};"#
                ),
                _ => format!(
                    r#"permit(principal in Group::"g{at}", action, resource) when {{ context.path like "/team{team}/area{at}/*" }};"#
                ),
            }
        };
        Cedar::new((0..count).map(policy).collect(), questions)
    }

    /// Paths as entities below one another, where a pattern has no star in its middle.
    pub fn hierarchy(count: usize, questions: &[Question]) -> Self {
        let policy = |at: usize| {
            let team = at / 10 * 10;
            match at % 10 {
                0 => format!(
                    r#"permit(principal in Group::"g{at}", action, resource in Path::"/team{at}") when {{ context.path like "/team{at}/*/reports/*" }};"#
                ),
                1 => format!(
                    r#"forbid(principal, action, resource in Path::"/team{team}/secret") unless {{ principal in Group::"g{at}" }};"#
                ),
                _ => format!(
                    r#"permit(principal in Group::"g{at}", action, resource in Path::"/team{team}/area{at}");"#
                ),
            }
        };
        Cedar::new((0..count).map(policy).collect(), questions)
    }

    fn new(policies: Vec<String>, questions: &[Question]) -> Self {
        let policies = policies.join("\n").parse().expect("policies");
        let asked = questions.iter().map(asked).collect();
        Cedar { authorizer: Authorizer::new(), policies, asked }
    }

    pub fn allows(&self, at: usize) -> bool {
        let (request, entities) = &self.asked[at];
        let answer = self.authorizer.is_authorized(request, &self.policies, entities);
        answer.decision() == Decision::Allow
    }
}

fn asked(question: &Question) -> (Request, Entities) {
    let uid = |kind: &str, name: &str| -> EntityUid {
        format!("{kind}::{name:?}").parse().expect("an entity's name")
    };
    let groups: HashSet<EntityUid> = question.groups.iter().map(|g| uid("Group", g)).collect();
    let mut entities: Vec<Entity> =
        groups.iter().map(|group| Entity::new_no_attrs(group.clone(), HashSet::new())).collect();
    entities.push(Entity::new_no_attrs(uid("User", "ann"), groups));
    let mut path = question.path.as_str();
    while let Some((parent, _)) = path.rsplit_once('/') {
        let parents =
            if parent.is_empty() { HashSet::new() } else { HashSet::from([uid("Path", parent)]) };
        entities.push(Entity::new_no_attrs(uid("Path", path), parents));
        path = parent;
    }
    let entities = Entities::from_entities(entities, None).expect("entities");
    let string = RestrictedExpression::new_string(question.path.clone());
    let context =
        Context::from_pairs(HashMap::from([("path".to_owned(), string)])).expect("a context");
    let (user, action) = (uid("User", "ann"), uid("Action", "GET"));
    let request = Request::new(user, action, uid("Path", &question.path), context, None);
    (request.expect("a request"), entities)
}
