resource "cloudflare_zero_trust_access_group" "staff" {
  account_id = var.account
  name       = "Staff"
  include = [{ email_domain = { domain = "example.com" } }]
}

resource "cloudflare_zero_trust_access_policy" "staff" {
  account_id = var.account
  name       = "Staff"
  decision   = "allow"
  include    = [{ group = { id = cloudflare_zero_trust_access_group.staff.id } }]
  require    = [{ geo = { country_code = "DE" } }]
}

resource "cloudflare_zero_trust_access_application" "intranet" {
  account_id       = var.account
  name             = "Intranet"
  domain           = "intranet.example.com"
  session_duration = "12h"
  policies = [
    { id = cloudflare_zero_trust_access_policy.staff.id, precedence = 1 }
  ]
}

# As version 4 of the provider has it.
resource "cloudflare_access_application" "tools" {
  zone_id = var.zone
  name    = "Tools"
  domain  = "intranet.example.com/tools"
}

resource "cloudflare_access_policy" "tools" {
  application_id = cloudflare_access_application.tools.id
  name           = "Tools"
  precedence     = "1"
  decision       = "allow"
  include {
    email = ["ann@example.com", "bob@example.com"]
    group = [cloudflare_access_group.absent.id]
  }
}
