"""The other views of the live page: sandboxes, webhooks, faults, scenarios, conduct, coverage, accounts."""

from __future__ import annotations

import httpx
from api_kit import Receiver
from browser_kit import PATIENCE
from page_kit import Tab, World

from mockserver import Running

ME = "tests/page/test_views.py::test_a"


def test_sandboxes_are_listed_while_they_are_made_and_closed_the_default_one_first(live: Tab, world: World) -> None:
    live.go(world.name)
    made = httpx.post(f"{live.url}/_mock/sandboxes", json={"name": "of-a-test", "owner": ME}, trust_env=False)
    assert made.is_success
    live.says("of-a-test", "#sandbox-list")
    live.says(ME, "#sandbox-list")
    assert live.text("#sandbox-list").startswith("default")
    live.click("#sandbox-list .row", "of-a-test")
    live.says("of-a-test", "h1")
    httpx.delete(f"{live.url}/_mock/sandboxes/of-a-test", trust_env=False)
    live.says("was closed", "main")
    live.until("!see.text('#sandbox-list').includes('of-a-test')")
    live.click("main a", "Open the default sandbox")
    live.says("default", "h1")


def test_sandboxes_say_how_old_they_are_and_are_filtered_by_name_and_owner(
    live: Tab, world: World, served: Running
) -> None:
    other = World(live.url, name="another", owner=ME)
    index = served.app.sandboxes.home
    made = index._open["another"]
    index._open["another"] = made._replace(made=made.made - 2 * 3600 - 60)
    live.open()
    live.go(world.name)
    live.says("2 h 1 min", "#sandbox-list .row:has([title='another " + ME + "'])")
    live.says("now", "#sandbox-list")
    live.fill("input[aria-label='Filter sandboxes']", "test_views.py::test_a")
    live.until("document.querySelectorAll('#sandbox-list .row').length === 1")
    assert "another" in live.text("#sandbox-list")
    live.fill("input[aria-label='Filter sandboxes']", "")
    live.says("default", "#sandbox-list")
    other.close()


def test_sandboxes_are_chosen_on_a_small_screen(live: Tab, world: World) -> None:
    live.size(375, 740)
    live.go("default")
    assert live.run("return document.querySelector('nav.sandboxes').checkVisibility()") is False
    live.click("button.menu")
    live.until("document.querySelector('button.menu').ariaExpanded === 'true'")
    live.click("#sandbox-list .row", world.name)
    live.says(world.name, "h1")
    live.until("!document.querySelector('nav.sandboxes').checkVisibility()")


def test_a_webhook_waits_is_delivered_and_is_sent_again(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.send("POST", "plans", {"api": "vidgen", "curve": "linear", "queued": 5, "running": 5})
    world.submit(webhookUrl=receiver.url)
    live.go(world.name, "webhooks")
    live.says("due in 10 s", "#webhook-list")
    world.advance(11)
    live.says("delivered", "#webhook-list")
    live.click("#webhook-list .row")
    live.says("Attempt 1 of 1", ".detail")
    live.says("signature right", ".detail")
    live.click(".detail button", "Send again")
    receiver.wait(2)
    live.says("Attempt 2 of 2", ".detail")


def test_a_webhook_is_tried_without_a_job(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    live.go(world.name, "webhooks", "test")
    live.until("document.querySelector('select[name=api] option')")
    live.fill("select[name=api]", "vidgen")
    live.fill("input[name=url]", receiver.url)
    live.click(".detail form button", "Send")
    receiver.wait(1)
    live.says("delivered", ".detail form")


def choose(live: Tab, fault: str) -> None:
    """The form of a fault for VidGen; it stands when its button says so."""
    live.fill("section[aria-label='Arm a fault'] select", "vidgen")
    live.fill("section[aria-label='Arm a fault'] label:nth-of-type(2) select", fault)
    live.run("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # drawn anew
    live.until(f"see.text(\"section[aria-label='Arm a fault'] button.main\") === 'Arm {fault}'")


def test_a_fault_is_armed_with_its_parameters_met_and_taken_back(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    live.says("No fault is armed")
    choose(live, "status")
    live.fill("select[name=operation]", "listJobs")
    live.fill("input[name=status]", "503")
    live.fill("input[name=times]", "3")
    live.click("button", "Arm status")
    live.says("took effect 0 of 0", ".card")
    assert world.ask("GET", "/api/jobs").status_code == 503
    live.says("took effect 1 of 1", ".card")
    live.says("2 left", ".card")
    live.click(".card button", "Take back status")
    live.says("No fault is armed")
    assert world.get("faults") == []


def test_a_fault_that_is_refused_says_why(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    choose(live, "status")
    live.until("document.querySelector('input[name=status]')")
    live.run("document.querySelector('section[aria-label=\"Arm a fault\"] form').noValidate = true;")
    live.fill("input[name=status]", "99999")
    live.click("button", "Arm status")
    live.until("[...document.querySelectorAll('.notice.bad')].some((e) => e.innerText.includes('status'))")


def test_what_somebody_typed_stays_while_the_page_reads_everything_anew(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    choose(live, "status")
    live.fill("input[name=status]", "418")
    live.run("document.querySelector('input[name=status]').isTheSame = true;")
    world.send("POST", "reset")
    world.submit()
    live.until(r"/Jobs\s*1/.test(see.text('nav.tabs'))")
    assert live.run("return document.querySelector('input[name=status]')?.isTheSame")
    live.click("button", "Arm status")
    live.says("status=418", ".card")


def test_scenarios_quirks_and_limits_are_switched(live: Tab, world: World) -> None:
    live.go(world.name, "scenarios")
    live.fill("section[aria-label=vidgen] select", "stuck")
    live.says("vidgen plays stuck")
    live.click("section[aria-label=miragic] label", "created_at_unix")
    live.says("created_at_unix was switched")
    live.click("label", "Rate limits")
    live.says("Limits were switched")
    info = world.get("")
    assert (info["apis"]["vidgen"]["scenario"], info["limits"]) == ("stuck", False)
    assert info["apis"]["miragic"]["quirks"]["created_at_unix"] is False


def test_files_are_taken_strictly_and_webhooks_go_to_plain_http_by_switches(live: Tab, world: World) -> None:
    live.go(world.name, "scenarios")
    live.click("label", "Strict about files")
    live.says("Strictness was switched")
    live.click("label", "Webhooks to plain http")
    live.says("Webhooks were switched")
    info = world.get("")
    assert (info["strict"], info["insecure_webhooks"]) == (True, True)


def test_a_sandbox_is_reset_when_it_was_asked_for_and_not_otherwise(live: Tab, world: World) -> None:
    world.submit()
    live.go(world.name, "scenarios")
    live.run("window.confirm = (text) => { window.asked = text; return false; };")
    live.click("main button", "Reset the sandbox")
    assert world.name in live.until("window.asked")
    assert len(world.get("jobs")) == 1
    live.run("window.confirm = () => true;")
    live.click("main button", "Reset the sandbox")
    live.says("The sandbox was reset.")
    assert world.get("jobs") == []


def test_webhooks_are_filtered(live: Tab, world: World, receiver: Receiver) -> None:
    world.send("PUT", "webhooks", {"insecure": True})
    world.submit(webhookUrl=receiver.url)
    world.advance(60)
    world.submit(webhookUrl="http://127.0.0.1:9/nobody")
    live.go(world.name, "webhooks")
    live.says("2 webhooks")
    live.fill("select[aria-label=Outcome]", "delivered")
    live.says("1 of 2 webhooks")
    assert "nobody" not in live.text("#webhook-list")
    live.fill("select[aria-label=Outcome]", "")
    live.fill("input[aria-label='Filter webhooks']", "/nobody")
    live.says("/nobody", "#webhook-list")
    live.says("1 of 2 webhooks")
    live.fill("input[aria-label='Filter webhooks']", "")
    live.says("2 webhooks")


FORMS = """
const { read } = await import("/_mock/live/api.js");
const { faults } = await read("faults");
const form = () => document.querySelector("section[aria-label='Arm a fault'] form");
const choose = (at, value) => {
  const select = form().querySelectorAll("select")[at];
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
};
const fields = {};
choose(0, "vidgen");
for (const { fault, apis, parameters } of faults) {
  if (!("vidgen" in apis)) continue;
  choose(1, fault);
  await see.until(() => form().querySelector("button.main").innerText === `Arm ${fault}`, fault);
  const missing = Object.keys(parameters).filter((name) => !form().elements[name]);
  form().requestSubmit();
  await see.until(() => !document.querySelector(".notice.bad, .form .bad"), `no complaint about ${fault}`);
  await see.until(() => [...document.querySelectorAll(".card b")].some((e) => e.innerText === fault), `${fault} armed`);
  fields[fault] = missing;
}
return fields;
"""


def test_every_fault_of_the_catalogue_has_a_form_with_all_its_parameters_and_is_armed_by_it(
    live: Tab, world: World
) -> None:
    live.go(world.name, "faults")
    live.until("document.querySelector(\"section[aria-label='Arm a fault'] form\")")
    forms = live.run(FORMS, patience=9 * PATIENCE)
    assert len(forms) > 40
    assert {name: missing for name, missing in forms.items() if missing} == {}
    assert sorted(each["fault"] for each in world.get("faults")) == sorted(forms)


def test_parameters_of_every_kind_are_taken_from_a_form(live: Tab, world: World) -> None:
    live.go(world.name, "faults")
    choose(live, "latency")
    live.fill("input[name=seconds]", "0.5")
    live.fill("select[name=how]", "uniform")
    live.fill("select[name=operation]", "createJob")
    live.click("summary", "Which requests")
    live.fill("input[name=probability]", "0.25")
    live.click("button", "Arm latency")
    live.says("latency", ".card")
    (armed,) = world.get("faults")
    assert (armed["parameters"]["seconds"], armed["parameters"]["how"]) == (0.5, "uniform")
    assert (armed["selector"]["operation"], armed["selector"]["probability"]) == ("createJob", 0.25)


def test_an_account_that_is_deactivated_is_made_and_is(live: Tab, world: World) -> None:
    live.go(world.name, "accounts")
    live.fill("section[aria-label=vidgen] select[name=state]", "deactivated")
    live.click("section[aria-label=vidgen] button", "New account")
    live.until("/deactivated/.test(see.one('section[aria-label=vidgen] .account:nth-of-type(3) p').innerText)")
    made = [each for each in world.get("accounts") if each["api"] == "vidgen"][-1]
    assert world.ask("GET", "/api/jobs", headers={"X-API-Key": made["api_key"]}).status_code == 401


def test_a_job_is_planned(live: Tab, world: World) -> None:
    live.go(world.name, "scenarios")
    form = "section[aria-label=vidgen] form"
    live.fill(f"{form} select", "FAILED")
    live.fill(f"{form} input", "7")
    live.click(f"{form} button", "Plan")
    live.says("The next job is planned")
    (plan,) = world.get("plans")
    assert (plan["outcome"], plan["running"]) == ("FAILED", 7)


def test_conduct_says_what_the_client_did_with_its_evidence_and_marks_the_entries(live: Tab, world: World) -> None:
    job = world.submit()
    for _ in range(12):
        world.ask("GET", f"/api/status/{job}")
    live.go(world.name, "conduct")
    live.says("polled too fast", ".card")
    live.says("Remedy:", ".card")
    live.click(".card a", "#")
    live.says("polled too fast", ".detail")


def test_coverage_fills(live: Tab, world: World) -> None:
    live.go(world.name, "coverage")
    live.says("vidgen")
    world.ask("GET", "/api/jobs")
    live.says("1 of", "main details[open]")


def test_accounts_show_keys_to_copy_and_new_ones(live: Tab, world: World) -> None:
    live.go(world.name, "accounts")
    key = world.apis["vidgen"]["api_key"]
    live.says(key, "section[aria-label=vidgen]")
    live.run("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    live.click("section[aria-label=vidgen] button", "Copy API key")
    assert live.until("window.copied") == key
    live.fill("section[aria-label=vidgen] input", "3")
    live.click("section[aria-label=vidgen] button", "New account")
    live.says("3 credits", "section[aria-label=vidgen]")
