# Whom nginx gives which variant, and what `recs assign` says offline: three
# instances, over a reload, line by line.  RECS_LONG=1: 100,000 ids, not 3,000.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $N = $ENV{RECS_LONG} ? 100_000 : 3_000;
my $AT_ONCE = 100;                              # requests of a connection

my %blocks = (
    plain => 'variant a 50; variant b 50;',
    thirds => 'salt t; variant a 33.33; variant b 33.33; variant c 33.34;',
    some => 'coverage 40; variant a 10; variant b 90;',
    held => 'holdout h 10; coverage 99.99; variant a 50; variant b 50;',
    left => 'namespace n 0 300; variant a 50; variant b 50;',
    right => 'namespace n 300 1000; holdout h 10; variant a 50; variant b 50;',
    old => 'hash growthbook1; salt o; variant a 20; variant b 80;',
    split => 'hash split_clients; salt AAA; variant a 0.5; variant b 2;'
             . ' variant c 97.5;',
    optimizely => 'hash optimizely; salt 1886780721; variant a 50;'
                  . ' variant b 50;',
);
my @names = sort keys %blocks;


# An nginx with all the experiments, in the order of @_.
sub instance {
    my ($workers, @order) = @_;

    my $t = RecsNginx->new;
    my $line = join ',', map { "\$recs_variant_$_" } @names;

    $t->write('unit.conf', "unit \$http_x_id;\n");
    $t->conf(<<'END' =~ s/BLOCKS/blocks(@order)/er =~ s/LINE/$line/r,
http {
    %%HTTP%%
    BLOCKS
    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        return 200 "=$pid LINE\n";
    }
}
END
             workers => $workers);

    return $t->start;
}

sub blocks {
    return join "\n    ", map {
        "recs_experiment $_ { include %%DIR%%/unit.conf; $blocks{$_} }"
    } @_;
}


my %workers;

# What an nginx says of ids, a line each: "a,,b,...".
sub assigned {
    my ($t, @ids) = @_;

    my @lines;

    while (my @some = splice @ids, 0, $AT_ONCE) {
        my $socket = $t->socket;
        my $answer = '';

        my $requests = join '', map {
            "GET / HTTP/1.1\r\nHost: x\r\nX-Id: $_\r\n\r\n"
        } @some;

        print {$socket} $requests or die "write: $!";
        $socket->flush;

        while (($answer =~ tr/=//) < @some) {
            sysread $socket, $answer, 65536, length $answer
                or die 'the connection was closed';
        }

        # All of the last one too.
        while ($answer !~ /=[^=]*\n\z/) {
            sysread $socket, $answer, 65536, length $answer or die;
        }

        while ($answer =~ /^=(\d+) (.*)\n/mg) {
            $workers{$1}++;
            push @lines, $2;
        }
    }

    return @lines;
}


# What the command says, the same.
sub offline {
    my ($t, $ids) = @_;

    $t->write('ids', join '', map { "$_\n" } @$ids);

    my @lines = ('') x @$ids;
    my @ids;

    for my $n (0 .. $#names) {
        my @said = map { [split /\t/, $_, -1] } split /\n/,
            $t->recs('assign', $t->path('nginx.conf'), '--experiment',
                     $names[$n], '--ids', $t->path('ids'));

        @ids = map { $_->[0] } @said;
        $lines[$_] .= ($n ? ',' : '') . $said[$_][1] for 0 .. $#said;
    }

    is_deeply(\@ids, $ids, 'the command keeps the ids in order');

    return @lines;
}


# Numbers, names and hashes; spaces within, quotes, UTF-8, 128 bytes.
sub id {
    my ($n) = @_;

    return $n if $n % 3 == 0;
    return sprintf '%08x-%04x', $n * 2654435761 % 2 ** 32, $n if $n % 3 == 1;
    return "user.$n\@shop.example" if $n % 5;
    return ("J\xc3\xb6rg $n", "\"$n'\\\$x;{}", "~$n" . '=' x (110 + $n % 8),
            "\xe2\x82\xac$n", "a, b=$n")[$n / 5 % 5] =~ tr/=/_/r;
}

my @t = (instance(2, @names), instance(1, reverse @names),
         instance(1, @names[4 .. 8, 0 .. 3]));

my @ids = map { id($_) } 1 .. $N;
my @expected = offline($t[0], \@ids);

my %met;
$met{$_}++ for map { split /,/, $_, -1 } @expected;
is_deeply([sort keys %met], ['', qw(a b c)], 'all variants were given');

# The first answers while its workers are replaced.
my @first = assigned($t[0], @ids[0 .. $N / 2 - 1]);
$t[0]->reload;
push @first, assigned($t[0], @ids[$N / 2 .. $N - 1]);
my @again = assigned($t[0], @ids[0 .. 199]);
is(keys %workers, 4, 'two workers, and two others');

sub differences {
    my ($got, $expected) = @_;

    return "@{[scalar @$got]} lines" if @$got != @$expected;

    my @wrong = grep { $got->[$_] ne $expected->[$_] } 0 .. $#$expected;
    diag("$ids[$_]: $got->[$_], not $expected->[$_]")
        for @wrong[0 .. ($#wrong < 4 ? $#wrong : 4)];

    return scalar @wrong;
}

is(differences(\@first, \@expected), 0, "$N ids, two workers, a reload");
is(differences(\@again, [@expected[0 .. 199]]), 0, 'the same after as before');
is(differences([assigned($t[$_], @ids)], \@expected), 0,
   "$N ids, instance " . ($_ + 1)) for 1, 2;

$t[$_]->stop for 1, 2;
$t[0]->done;
