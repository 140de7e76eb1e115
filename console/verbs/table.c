/* SPDX-License-Identifier: ISC */
/* The table of verbs: what runs, and the help. */
#include "console/verbs/table.h"

#include "console/gate/gate.h"
#include "console/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#define HELP_H "  -H HOST        reach HOST by ssh breakglass@HOST; may be repeated\n"

#define HELP_SIGN                                                                                            \
    "  --identity FILE  sign with this key (else BREAKGLASS_IDENTITY, else\n"                                \
    "                 the agent's first key that is enrolled)\n"                                             \
    "  --as PERSON    who signs, where no host knows you\n"

#define HELP_YES "  --yes          do not ask; without a terminal it does not ask either\n"

const struct verb verbs[] = {
    {"console", "[-H HOST]… [--as PERSON] [--no-color]", "the screen (also without a verb)",
     "Shows what is pending, what is open and for how long, live; requests, approves,\n"
     "revokes and reviews from there. ? shows the keys; see breakglass-console(7).\n\n"
     "  --no-color     as with NO_COLOR in the environment\n" HELP_SIGN HELP_H "\n"
     "Without -H: the broker of this machine; where there is none, the hosts in\n"
     "~/.config/breakglass/hosts. With none of these you can still paste and sign.\n",
     verb_console},
    {"request", "ROLE --host HOST… --for 30m --reason TEXT", "request a role",
     "Requests a role on some hosts: shows the text, signs it with your key, sends it\n"
     "to every host, and says who must approve and how to reach them. The minutes\n"
     "count from the last approval needed.\n\n"
     "  --host HOST    a host's name; may be given several times\n"
     "  --for TIME     90s, 30m, 1h30m\n"
     "  --reason TEXT  everyone who reads the journal sees it\n"
     "  --ticket T     --account NAME… (default: all of the role)   --drill\n"
     "  -H HOST        reach the host under another name or address\n" HELP_SIGN
     "  --host-signed  let each host sign for you instead\n",
     verb_request},
    {"extend", "ID [--for TIME] [--reason TEXT] [-H HOST]…", "request the same again",
     "Repeats a request, with another time or reason if given; the same people must\n"
     "approve. A session goes on as long as any open grant of its person covers it.\n\n"
     "  --host HOST    only there; may be given several times\n" HELP_SIGN HELP_H,
     verb_extend},
    {"approve", "[ID] [-H HOST]…", "approve a request",
     "Shows who requests what, where, how long and why, and what is unusual about it;\n"
     "asks; signs; and sends the approval to every host of the request (or to -H).\n\n"
     "Without ID: reads tokens or signed texts, pasted or piped in, and prints a token\n"
     "to send back. No host need be reachable for that.\n\n"
     "  --yes          do not ask (for scripts)\n"
     "  --token        print the token too\n" HELP_SIGN HELP_H,
     verb_approve},
    {"deny", "ID [--reason TEXT] [-H HOST]…", "deny a request, for good",
     "Closes a pending request. One approver is enough; nothing opens it again.\n\n"
     "  --reason TEXT  (default: not now)\n" HELP_YES HELP_SIGN HELP_H,
     verb_deny},
    {"revoke", "ID | --of PERSON | --all [-H HOST]…", "end a grant and its sessions",
     "Closes a grant on every host of it and ends its sessions. Where nothing can be\n"
     "signed, a host that knows you signs for you. On a host that is unreachable\n"
     "the grant expires when the signed minutes have passed.\n\n"
     "  --of PERSON    every grant of this person\n"
     "  --all          every grant of everybody; in a script, too, it needs --yes\n"
     "  --reason TEXT  (default: urgent)\n" HELP_YES HELP_SIGN HELP_H,
     verb_revoke},
    {"give-back", "ID [--reason TEXT] [-H HOST]…", "end your own grant, or withdraw your request",
     "Closes your own grant or pending request; your sessions of it end.\n\n"
     "  --reason TEXT  (default: no longer needed; withdrawn, if it is pending)\n" HELP_YES HELP_SIGN HELP_H,
     verb_give_back},
    {"review", "[ID --verdict ok|flag [--note TEXT]] [-H HOST]…", "say whether what was done was right",
     "Shows a grant that has ended: the request, who approved it, and what its hosts'\n"
     "journals say was done; asks; signs; and sends the review to every host of it\n"
     "(or to -H). Not for its requester and approvers. Without --verdict it only\n"
     "shows.\n\n"
     "Without ID: the reviews that are due, and where; overdue ones first.\n\n"
     "  --verdict ok   all was as it should be\n"
     "  --verdict flag somebody should look into it: the note says why\n"
     "  --note TEXT    everyone who reads the journal sees it\n"
     "  --yes          do not ask (for scripts)\n"
     "  --json         the list, for programs\n" HELP_SIGN HELP_H,
     verb_review},
    {"list", "[--all] [--json] [--person P] [--role R] [-H HOST]…", "what is pending, open and ended lately",
     "Shows every grant that is pending, open, or ended lately, one line each.\n\n"
     "  --all          also what is archived\n"
     "  --json         for programs\n"
     "  --person NAME  only this person's\n"
     "  --role ROLE    only this role\n" HELP_H "\n"
     "Without -H: the broker of this machine; where there is none, the hosts in\n"
     "~/.config/breakglass/hosts (one a line).\n",
     verb_list},
    {"show", "ID [--json] [-H HOST]…", "one grant in full",
     "Shows the request, who approved it, who can still approve it and how to reach\n"
     "them, every statement with its signer, and who is logged in now.\n\n"
     "The first four characters of ID are enough where only one grant has them.\n\n"
     "  --json         for programs\n" HELP_H,
     verb_show},
    {"text", "KIND …", "a text to read and sign elsewhere",
     "Prints the exact text of a statement, to be read and signed with ssh-keygen:\n\n"
     "  breakglass text request ROLE --host HOST… --for 30m --reason TEXT\n"
     "             [--ticket T] [--account NAME]… [--drill]\n"
     "  breakglass text approve ID\n"
     "  breakglass text close ID [--reason TEXT]     (also: deny, revoke, give-back)\n"
     "  breakglass text review ID --verdict ok|flag [--note TEXT]\n\n"
     "  --as PERSON    who signs it, where the host does not know who you are\n" HELP_H "\n"
     "Then:  rm -f FILE.sig; ssh-keygen -Y sign -n breakglass -f KEY FILE &&\n"
     "       cat FILE FILE.sig | breakglass put -H HOST…\n",
     verb_text},
    {"get", "ID [--token] [-H HOST]…", "a grant's statements, to carry elsewhere",
     "Prints the request and all statements about it, each text followed by its\n"
     "signature, as put takes them in.\n\n"
     "  --token        as tokens for a chat: one for each statement, with its request\n" HELP_H,
     verb_get},
    {"put", "[FILE] [-H HOST]…", "take in statements that were carried here",
     "Takes in statements from FILE or the input: tokens and texts followed by their\n"
     "signatures, in any mix, wrapped or quoted, with other words between. Each is\n"
     "checked by the host; who brings it does not matter.\n\n" HELP_H "\n"
     "Root on a host whose broker is dead takes them in directly.\n",
     verb_put},
    {"log", "[--grant ID] [--person P] [--since TIME] … [-H HOST]…", "what happened, from the journal",
     "Shows the events; believes only what journald itself says breakglassd wrote.\n\n"
     "  --grant ID, --person NAME, --role ROLE, --event NAME   only these\n"
     "  --since TIME, --until TIME   2026-11-23, \"2026-11-23 14:02\" (UTC), 2h (ago)\n"
     "  -n NUMBER|all  the last so many (default: 1000; all with --grant or --since)\n"
     "  --json         one object a line\n"
     "  --verify       is the chain of events whole? Names the first gap or change.\n" HELP_H "\n"
     "People see what concerns them; reviewers, administrators and root see all.\n",
     verb_log},
    {"why", "[PERSON] ACCOUNT [-H HOST]…", "would the gate open now, and if not, why not",
     "Says whether PERSON could log in as ACCOUNT now; if not: which check says no, by\n"
     "which line of which file, and what would open it. Root on the host is answered\n"
     "from the files themselves, with or without a broker. Exit status 1 for no.\n\n" HELP_H,
     verb_why},
    {"policy", "check|explain [PATH…] | test PERSON ROLE HOST…", "check, test and explain the rules",
     "check:   what is wrong with policy and signers, by file and line, like\n"
     "         visudo -c. Without PATH: this host's. PATH is a policy file, a signers\n"
     "         file, or a folder laid out as /etc/breakglass. Exit status 1 if there\n"
     "         are errors.\n"
     "test:    may that person get that role on these hosts, and who must approve?\n"
     "explain: the rules in sentences, as a runbook: who may request and approve.\n\n"
     "  --for DURATION   test: how long (default: the longest that the role allows)\n"
     "  --account NAME   test: only this account; may be given several times\n"
     "  --policy PATH    test: another policy than this host's; as for check\n"
     "  -H HOST          explain: the policy of HOST, as its broker has it; may be\n"
     "                   repeated\n",
     verb_policy},
    {"signers", "check [PATH…] | who [NAME…]", "whose keys count, and what they may sign",
     "check: the lines of signers that do not count, and why.\n"
     "who:   every key with its owner, its fingerprint and what it may sign.\n",
     verb_signers},
    {"init", "--name HOST", "give this host its name and key (root, once)",
     "Writes the host's name and a key of its own, and examples of policy.conf and\n"
     "signers where there are none. Changes nothing that is there already.\n\n"
     "  --name HOST    the name that policies and people use, such as db1.prod\n",
     verb_init},
    {"gate", GATE_ARGUMENTS, GATE_SUMMARY, GATE_HELP, verb_gate},
    {"lock", "[--reason TEXT]", "block all access to this host until unlock",
     "From now on no grant opens anything on this host, with or without a broker. Open\n"
     "sessions go on; breakglass revoke --all ends them. The front door stays open, so\n"
     "that people can still request and approve. Root only.\n\n"
     "  --reason TEXT  (default: urgent); everyone who reads the journal sees it\n",
     verb_lock},
    {"unlock", "", "grants open again",
     "Takes the lock away: grants that are approved and not expired open again. Root\n"
     "only.\n",
     verb_unlock},
    {0},
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

void verb_help(const struct verb *verb)
{
    printf("usage: breakglass %s%s%s\n\n%s", verb->name, *verb->arguments ? " " : "", verb->arguments,
           verb->help);
}

void verb_short_help(FILE *to)
{
    fputs("usage: breakglass [VERB] [OPTIONS]\n\n", to);
    for (const struct verb *v = verbs; v->name; v++)
        fprintf(to, "  %-10s %s\n", v->name, v->summary);
    fputs("\nbreakglass VERB --help tells more; breakglass(1) tells all.\n", to);
}
