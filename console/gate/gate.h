/* The verb `gate`: on, off, status, and keep; breakglass-gate(8). */
#pragma once

/* argv[0] is "gate"; gives an exit status (exit_status.h). Root only, but for `status`. */
int verb_gate(int argc, char **argv);
int verb_lock(int argc, char **argv);
int verb_unlock(int argc, char **argv);

/* For the table of verbs. */
#define GATE_ARGUMENTS "on SERVICE --accounts A,B | off | keep | status"
#define GATE_SUMMARY "turn the gate of a PAM service on or off, or show it"
#define GATE_HELP                                                                                            \
    "on: from now on a login to SERVICE as one of the accounts needs a grant.\n"                             \
    "Writes a line into /etc/pam.d/SERVICE and sshd's drop-in, checks both, says\n"                          \
    "who is refused then and what would stop a login. SERVICE is sshd so far.\n"                             \
    "off: takes the gate out again, and says which accounts are open then.\n"                                \
    "keep: makes a trial stay.\n"                                                                            \
    "status: what is on, and whether it holds. Exit status 1: something does not.\n\n"                       \
    "  --accounts A,B  the accounts: names, or patterns as in bg-*\n"                                        \
    "  --observe       let everybody in; record who would be refused\n"                                      \
    "  --for 10m       a trial: expires unless `gate keep` comes first\n"                                    \
    "  --all           off: every service\n"                                                                 \
    "  --json          status: for programs\n"
