/* The verb `gate`: on, off, status, and keep; breakglass-gate(8). */
#pragma once

/* argv[0] is "gate"; gives an exit status (verb.h). Root only, but for `status`. */
int verb_gate(int argc, char **argv);

/* For the table of verbs. */
#define GATE_ARGUMENTS "on SERVICE --accounts A,B | off [SERVICE] | status | keep SERVICE"
#define GATE_SUMMARY "turn the gate of a PAM service on or off, or show it"
#define GATE_HELP                                                                                            \
    "  on SERVICE --accounts A,B   whoever logs in there as A or B needs a grant from now on. Writes the "   \
    "two\n"                                                                                                  \
    "                              lines of /etc/pam.d/SERVICE and sshd's drop-in, checks both, and says "   \
    "who\n"                                                                                                  \
    "                              will be refused and what would stop a login. SERVICE is sshd so far.\n"   \
    "      --observe               let everybody in, and record who would be refused\n"                      \
    "      --for 10m               a trial: it is over by itself, unless `gate keep` comes before\n"         \
    "  keep SERVICE                make a trial stay\n"                                                      \
    "  off [SERVICE], off --all    take the gate out again; says which accounts open then\n"                 \
    "  status [--json]             what stands where, and whether it would hold\n"
