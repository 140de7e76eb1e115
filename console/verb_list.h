#pragma once

int verb_list(int argc, char **argv);
int verb_show(int argc, char **argv);
