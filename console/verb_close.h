#pragma once

int verb_deny(int argc, char **argv);
int verb_revoke(int argc, char **argv);
int verb_give_back(int argc, char **argv);
