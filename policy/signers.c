#include "signers.h"
