#pragma once

int verb_why(int argc, char **argv);
