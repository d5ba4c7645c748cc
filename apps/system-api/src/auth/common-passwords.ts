/**
 * Passwords that everybody tries first, and the words that most of the others are made of. `password-rules.ts` also
 * refuses them with digits and signs around them and with the usual letters replaced, so that this list stands for
 * many thousands; what has fewer than eight characters is here because of what people add to it.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
0987654321 0123456789 01234567 10203040 102030405060 11223344 112233445566 1122334455 12341234 1234512345 12345678
123456789 1234567890 1234567891 123456781 12345679 123456787 12345687 123454321 1234554321 123321123 123123123 12344321
12345qwert 12345abc 123456abc 1234qwer 123abc123 123qweasd 123qweasdzxc 123qwe123 12qwaszx 12qw34er 13579246 135792468
1357924680 14725836 147258369 147852369 159357456 159753456 1a2b3c4d 1a2b3c4d5e 1q1q1q1q 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 19871987 20002000 20012001 21122112 21212121 23232323 2wsx3edc
31415926 314159265 36925814 369258147 456789123 55555555 741852963 753951456 78945612 789456123 789654123 852456 87654321
88888888 963852741 987456321 98765432 987654321 9876543210 99999999 a1a2a3a4 a1b2c3d4 a1b2c3d4e5 a12345678 a123456789
aa123456 aaaa1111 abc12345 abc123456 abcd1234 abcd12345 abcde12345 abcdefg1 abcdefgh abcdefghi abcdefghij adgjmptw
alphabet asas1234 asdasdasd asdf1234 asdf4321 asdfasdf asdfghjk asdfghjkl asdqwe123 azertyuiop azerty azsxdcfv
q1q2q3q4 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx qazwsxedc qazwsxedcrfv qazxswedc qqqq1111 qqqqwwww qwaszx qweasd
qweasdzxc qwer1234 qwert qwert12345 qwerasdf qwerqwer qwerty qwertyu qwertyui qwertyuio qwertyuiop qwertz qwertzuiop
qweqweqwe qwe123qwe zaq12wsx zaq1xsw2 zaqwsx zxcasdqwe zxcvbn zxcvbnm zxcv1234 zxczxczxc zxcasd poiuytrewq mnbvcxz
lkjhgfdsa trustno1 ncc1701 ncc1701d ncc1701e thx1138 bond007 rush2112 area51 blink182 fuckyou fuckme fuckoff fuck
access account action adidas admin administrator adrian airborne airplane alabama alejandra alejandro alex alexander
alexandra alexis alfred alicia alison allison alpha amanda amateur amazing america american anderson andrea andreas andrew
angel angela angelica angelina angels anthony antonio anything apollo apple apples aquarius archange argentina arizona
arsenal arthur asdf asdfg asdfgh asdfjkl ashley asshole august austin australia avalanche babygirl babylon backdoor badboy
bailey banana barbara barcelona barney baseball basketball batman beautiful beaver benjamin bernard bigdaddy bigdick
bigdog billybob birthday bismarck blackcat blackjack blackman blahblah blessed blizzard blowjob blowme bluebird blue
bonjour booboo boomer boston bradley brandon brandy brazil britney brooklyn brother bubba bubbles buddy bulldog bulldogs
bullshit buster butterfly butthead calvin cameron camaro canada captain carlos carolina caroline carpenter cassandra
catherine cartman celtic challenge champion chandler changeme changeit changepassword charlene charles charlie charlotte
cheese chelsea cherokee chester chicago chicken chocolate chopper chris christ christian christin christina christine
christopher cinderella claudia clinton cocacola coffee colombia colorado columbia compaq computer concrete connect
consumer cookie cookies cooper corvette cowboy cowboys creative cricket cristian cristina crystal current cutiepie
daniel daniela danielle darkness database david december default defender delete demo demodemo denise dennis destiny
deutschland diamond diamonds discovery dolphin dolphins dominic donald dragon dragonball dreamer drowssap eagles einstein
electric element elephant elizabeth emmanuel enter entropy erotic everton evolution explorer extreme falcon fantasia
fantasy february fender fernanda fernando ferrari fireball firebird firefire fireman fishing flamingo flower flowers
football forever forget formula1 france francesco francisco frankie freddy freedom friday friend friends fuckface
gabriel gabriela gabrielle galaxy gandalf garfield gateway general genesis geronimo giants ginger gladiator goldberg golden
goldfish golfer goodluck google gordon government graham gregory guardian guest guitar gunners hamilton hammer hannah
happy harley harrison harry hawkeye heather hello helloworld hercules highland hockey holiday homer hong honda hooters
hongkong horses hotmail houston hunter hunting iceman iloveyou iloveu ilovehim ilovemyself imagine immortal independent
infinity inside instagram internet intrepid ireland ironman isabella isabelle israel iverson jackass jackson jaguar jamaica
january jasmine jason jasper jeffrey jennifer jeremiah jeremy jessica jesus jesuschrist johannes johnny johnson jonathan
jordan jordan23 joseph joshua july junior justin justice juventus katherine kathleen katie katrina kawasaki keyboard
killer kimberly kingdom kingkong kissme kitten knight kristina kristine ladybug lakers laura lauren lawrence legend
leonardo letmein liberty lifetime lightning linkedin lincoln liverpool logitech london longhorn loser lorenzo love lovely
loveme lover loverboy lovelove loveyou lucky lucky7 madison maggie magic mallorca manchester manager margaret maria
marina marine mario marlboro marley martin martina marvin master masterkey matrix matthew maverick maxwell mclaren
megadeth melissa member mercedes merlin metallic metallica mexico michael michaela michelle michigan mickey microsoft
midnight miller million millions minecraft miranda mistress mohammed molly money monica monitor monkey monster montana
morgan morris mother motorola mountain movies muffin mustang mylove mypassword naruto nascar natasha nathan natalie
nicholas nicole night nintendo nirvana nothing november october odyssey office oliver oklahoma online orange orlando owner
packers pakistan panther panthers paradise parker parola passion passme passpass passw passwort password passwords
passwordpassword patricia patrick peaches peanut peekaboo pepper pharmacy phantom philips phoenix photoshop pickle
picture pineapple pinkfloyd platinum playboy player playstation please pokemon poohbear popcorn porsche portugal
positive postman power precious predator premier preston princess princesa princeton private professional progress
prometheus public pumpkin pussy rabbit rachel raiders rainbow rammstein randy ranger rangers raphael rasputin rastaman
realmadrid rebecca redskins redsox redwings regina remember research reynolds ricardo richard robert roberto rockstar
rodrigo romance ronaldo roosevelt root rosebud roses runner russia salvador samantha sample sampson samsung samuel
sandra santiago sarah saturday saturn scarface school scooby scooter scorpio scorpion scotland sebastian secret secrets
security senha september server service shadow shannon sharon shithead shopping sierra silver simple simpsons skywalker
slayer slipknot smokey snickers snoopy snowball snowman soccer softball solutions something sophie southern space spartan
special spencer spiderman spitfire sponge spongebob spring squirrel stanley starfish stargate starlight startrek starwars
steelers stephanie stephen steven stewart stratus strawberry student suckit sucker summer sunday sunflower sunshine
super superman superstar superuser support surfing survivor susan suzuki swimming swordfish sydney symphony system
tamara tardis taurus taylor teacher teddybear temporary tennis teresa terminal terminator test testing tester testpass
testtest thailand theboss therock thomas thunder thursday thumper tiffany tiger tigers tigger timothy tinkerbell titanic
tomcat tottenham toyota transfer traveler treasure trinity trouble trumpet tuesday turtle twilight twitter tyler unicorn
united universal universe university user username valentina valentin valentine vanessa vanhalen verbatim veronica
victor victoria victory viking vincent virginia vladimir volcano volleyball voyager walker warcraft warrior warriors
washington watermelon wednesday welcome westside whatever whiskey whocares wildcat wildcats william williams willie winner
winston winter wizard wolverine woodland wrestling xxxxxx yamaha yankees yellow yosemite zidane zombie
`
    .trim()
    .split(/\s+/),
);
